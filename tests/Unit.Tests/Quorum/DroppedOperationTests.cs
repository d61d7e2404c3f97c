using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

[Collection(nameof(ListeningAlone))]
public class DroppedOperationTests
{
    private const int Calls = 20_000;

    // An operation takes some 650 bytes.
    private const long MostBytesACall = 40;

    public enum Ending
    {
        AtOnce,
        BehindAPause,
    }

    [Theory]
    [InlineData(Ending.AtOnce)]
    [InlineData(Ending.BehindAPause)]
    public async Task What_nobody_awaits_is_held_by_nobody(Ending ending)
    {
        using ScriptedQuorum quorum = new(1);
        quorum.Nodes[0].Refusal = RequestFailure.NotConnected;
        using CancellationTokenSource stopping = new();
        RedlockMutex mutex = quorum.Mutex(new MutexOptions { Tries = ending == Ending.AtOnce ? 1 : 2, Delay = TimeSpan.Zero });
        Drop(quorum, mutex, stopping.Token);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Drop(quorum, mutex, stopping.Token);

        // Some may still be in the hands of the pool.
        await Eventually.Holds(() => GC.GetTotalMemory(forceFullCollection: true) - before < Calls * MostBytesACall, "they are gone");
        GC.KeepAlive(quorum);
        GC.KeepAlive(stopping);
    }

    private static void Drop(ScriptedQuorum quorum, RedlockMutex mutex, CancellationToken token)
    {
        for (int call = 0; call < Calls; call++)
        {
#pragma warning disable CA2012 // The misuse is what is tested.
            _ = mutex.LockAsync(token);
#pragma warning restore CA2012
            if (call % 1_000 == 999)
            {
                quorum.Clock.Advance(TimeSpan.FromSeconds(1));
            }
        }
    }
}
