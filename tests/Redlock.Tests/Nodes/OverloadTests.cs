using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

// Many more callers than a node's queue takes: they are refused and come again, and nobody stands in anybody's way for good.
public sealed class OverloadTests
{
    private const int Room = 64;
    private const int LocksEach = 20;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Four_times_as_many_callers_as_a_queue_takes_all_get_their_locks_and_leave_nothing(int nodes)
    {
        using OwnServers servers = await OwnServers.StartAsync(nodes);
        // The reserve is as many times the ordinary room as it is by default: a node that lags keeps the releases of callers that are
        // further on.
        int reserve = RespQueueLimits.Default.AllRequests / RespQueueLimits.Default.OrdinaryRequests;
        RespNodeOptions small = new() { QueueLimits = new RespQueueLimits { OrdinaryRequests = Room, AllRequests = Room * reserve } };
        await using RedlockFactory factory = RedlockFactory.Create(
            new RedlockOptions { Node = small }, Enumerable.Range(0, nodes).Select(node => servers[node].Endpoint));
        await Inspection.AllConnectedAsync(factory);
        Task<int>[] callers = [.. Enumerable.Range(0, Room * 4).Select(
            number => Task.Run(() => TakeLocksAsync(factory.PatientMutex($"door:{number}", MutexOptions.NonBlocking))))];
        int[] refusals = await Task.WhenAll(callers).SoonAsync();
        Assert.True(refusals.Sum() > 0, "Nobody was refused, so it was no overload.");

        // Nothing waits for the slowest node: it may have a long way to go.
        for (int node = 0; node < nodes; node++)
        {
            await Inspection.CaughtUpAsync(factory.Node(node));
        }

        Assert.All(await factory.AskAllAsync("DBSIZE"), size => Assert.Equal(0, size.Integer));
    }

    private static async Task<int> TakeLocksAsync(RedlockMutex mutex)
    {
        int refusals = 0;
        for (int taken = 0; taken < LocksEach;)
        {
            LockResult result = await mutex.TryLockAsync(TestContext.Current.CancellationToken);
            if (result.IsAcquired)
            {
                taken++;
                Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(result.Token, TestContext.Current.CancellationToken));
                continue;
            }

            // Its own name is nobody else's, and a release that is under way does not count against it.
            Assert.Equal(LockStatus.Unavailable, result.Status);
            refusals++;
            await Task.Delay(Random.Shared.Next(1, 5), TestContext.Current.CancellationToken);
        }

        return refusals;
    }
}
