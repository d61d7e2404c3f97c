using System.Collections.Concurrent;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

// Who reads a connection changes with each call, and connections end and come back meanwhile: no reply may stay unread, or be another's.
public sealed class CutConnectionsTests
{
    private const int Servers = 3;
    private const int CallersOfAKind = 2;
    private const int Cycles = 1000;

    // What a server cuts is told at once: a call that lasts so long has waited for a reply that nobody has read.
    private static readonly MutexOptions _patient =
        MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMinutes(5), NodeTimeLimit = TimeSpan.FromSeconds(20) };

    private static readonly TimeSpan _betweenCuts = TimeSpan.FromMilliseconds(5);

    // While somebody awaits a reply the nodes' threads read, and leave nothing to the callers that block.
    private static readonly TimeSpan _betweenCycles = TimeSpan.FromMilliseconds(2);

    private readonly ConcurrentQueue<string> _wrong = [];
    private int _names;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.Unix)]
    public async Task Callers_of_both_kinds_end_in_time_and_get_their_own_replies_while_connections_are_cut(Wire wire)
    {
        using OwnServers servers = await OwnServers.StartAsync(Servers);
        RespNode[] nodes = [.. Enumerable.Range(0, Servers).Select(server => Node(servers[server], wire))];
        RespNode[] cutters = [.. Enumerable.Range(0, Servers).Select(server => RespNode.Connect(servers[server].Endpoint))];
        await using (RedlockFactory locks = new(nodes))
        {
            await Task.WhenAll(nodes.Concat(cutters).Select(Eventually.Connected));
            Task all = Task.WhenAll(Callers(() => Task.Factory.StartNew(
                () => CycleBlocking(locks), Cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            Task awaiting = Task.WhenAll(Callers(() => CycleAsync(locks, all)));
            int cuts = 0;
            while (!all.IsCompleted)
            {
                await cutters[cuts++ % Servers].SendAsync(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"], Cancellation);
                await Task.Delay(_betweenCuts, Cancellation);
            }

            await all;
            await awaiting.SoonAsync();
            Assert.Empty(_wrong);
            Assert.True(nodes.Sum(static node => node.Reconnects) > 1, $"{cuts} cuts, and no connection was made again");
        }

        Array.ForEach([.. nodes, .. cutters], static node => node.Dispose());
    }

    private static RespNode Node(TempRedis server, Wire wire) => RespNode.Connect(
        wire == Wire.Unix ? server.UnixEndpoint : server.Endpoint,
        new RespNodeOptions { ReconnectDelay = TimeSpan.FromMilliseconds(1), MaxReconnectDelay = TimeSpan.FromMilliseconds(4) });

    private static IEnumerable<Task> Callers(Func<Task> start) => [.. Enumerable.Range(0, CallersOfAKind).Select(_ => start())];

    private void CycleBlocking(RedlockFactory locks)
    {
        for (int cycle = 0; cycle < Cycles;)
        {
            RedlockMutex mutex = Next(locks);
            long start = TimeProvider.System.GetTimestamp();
            LockResult taken = mutex.TryLock();
            NoteTaken(taken.Status, start);
            if (taken.IsAcquired)
            {
                cycle++;
                start = TimeProvider.System.GetTimestamp();
                NoteReleased(mutex.Unlock(taken.Token), start);
            }
        }
    }

    private async Task CycleAsync(RedlockFactory locks, Task others)
    {
        while (!others.IsCompleted)
        {
            RedlockMutex mutex = Next(locks);
            long start = TimeProvider.System.GetTimestamp();
            LockResult taken = await mutex.TryLockAsync(Cancellation);
            NoteTaken(taken.Status, start);
            if (taken.IsAcquired)
            {
                start = TimeProvider.System.GetTimestamp();
                NoteReleased(await mutex.UnlockAsync(taken.Token, Cancellation), start);
            }

            await Task.Delay(_betweenCycles, Cancellation);
        }
    }

    // A name is used once: whatever became of its release, nobody else meets it.
    private RedlockMutex Next(RedlockFactory locks) => locks.CreateMutex($"cut-{Interlocked.Increment(ref _names)}", _patient);

    private void NoteTaken(LockStatus status, long start) => Note(status, status != LockStatus.Contended, start);

    private void NoteReleased(UnlockStatus status, long start) => Note(status, status != UnlockStatus.NotHeld, start);

    private void Note<TStatus>(TStatus status, bool canBe, long start)
        where TStatus : struct, Enum
    {
        TimeSpan lasted = TimeProvider.System.GetElapsedTime(start);
        if (!canBe || lasted >= _patient.NodeTimeLimit)
        {
            _wrong.Enqueue($"{status} after {lasted}");
        }
    }
}
