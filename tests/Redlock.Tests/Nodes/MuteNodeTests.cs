using System.Net;
using System.Net.Sockets;

namespace Redlock.Fast.Tests;

/// <summary>A third node that accepts connections and never says a word.</summary>
public class MuteNodeTests(SharedNodes shared)
{
    [Theory]
    [InlineData(Style.Async)]
    [InlineData(Style.Blocking)]
    public async Task Locks_renewals_and_releases_go_on_without_it(Style style)
    {
        Calls calls = Calls.In(style);
        using TcpListener mute = new(IPAddress.Loopback, 0);
        mute.Start();
        using RedlockFactory factory = RedlockFactory.Create(
            [.. await shared.EndpointsAsync(2), $"127.0.0.1:{((IPEndPoint)mute.LocalEndpoint).Port}"]);
        await factory.Node(0).WaitUntilConnectedAsync(calls.Token);
        await factory.Node(1).WaitUntilConnectedAsync(calls.Token);
        RedlockMutex renewed = factory.PatientMutex(
            Inspection.NewName(),
            MutexOptions.Blocking with { Expiry = TimeSpan.FromSeconds(10), Renew = RenewOptions.Every(0.005, Timeout.InfiniteTimeSpan) });
        LockHandle kept = await calls.LockAsync(renewed).SoonAsync();
        Assert.False(kept.Lost.IsCancellationRequested);
        RedlockMutex mutex = factory.PatientMutex(Inspection.NewName(), MutexOptions.NonBlocking);
        for (int cycle = 0; cycle < 200; cycle++)
        {
            LockResult taken = await calls.TryLockAsync(mutex).SoonAsync();
            Assert.True(taken.IsAcquired, string.Join("; ", mutex.LastAttemptByAnyone));
            Assert.True((await calls.ExtendAsync(mutex, taken.Token).SoonAsync()).IsExtended);
            Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, taken.Token).SoonAsync());
        }

        await Eventually.Holds(
            () => kept.Remaining > factory.Nodes[0].TimeProvider.GetElapsedTime(
                factory.Nodes[0].TimeProvider.GetTimestamp(), kept.Token.DeadlineTicks),
            "it is renewed");
        Assert.False(kept.Lost.IsCancellationRequested);
        Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(renewed, kept).SoonAsync());
    }
}
