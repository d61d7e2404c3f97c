using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

// Over one node a synchronous caller reads its reply itself; nobody else may notice.
public sealed class SelfReadingTests
{
    // However long the stand-in's threads have to wait for a processor.
    private static readonly MutexOptions _patient =
        MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMinutes(2), NodeTimeLimit = TimeSpan.FromSeconds(30) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    [InlineData("foreign")]
    public async Task Synchronous_and_asynchronous_callers_share_one_connection(string transport)
    {
        await using InMemoryNode node = InMemoryNode.Start();

        // Nobody but its own thread reads a pipe that cannot say whether a read would block.
        using RespNode? foreign = transport == "foreign" ? new RespNode(ForeignPipe.Dialing(node.Endpoint)) : null;
        await using RedlockFactory locks = foreign is not null
            ? new RedlockFactory(foreign)
            : RedlockFactory.Create(transport == "tcp" ? node.Endpoint : node.UnixEndpoint);
        await locks.WaitUntilConnectedAsync(Cancellation);
        const int cycles = 2000;
        int done = 0;
        List<Thread> threads = [];
        for (int index = 0; index < 3; index++)
        {
            RedlockMutex mutex = locks.CreateMutex($"synchronous-{index}", _patient);
            Thread thread = new(() =>
            {
                for (int cycle = 0; cycle < cycles; cycle++)
                {
                    LockResult taken = mutex.TryLock();
                    if (taken.IsAcquired && mutex.Unlock(taken.Token) == UnlockStatus.Released)
                    {
                        Interlocked.Increment(ref done);
                    }
                }
            });
            thread.Start();
            threads.Add(thread);
        }

        Task[] tasks = [.. Enumerable.Range(0, 3).Select(async index =>
        {
            RedlockMutex mutex = locks.CreateMutex($"asynchronous-{index}", _patient);
            for (int cycle = 0; cycle < cycles; cycle++)
            {
                LockResult taken = await mutex.TryLockAsync(Cancellation);
                if (taken.IsAcquired && await mutex.UnlockAsync(taken.Token, Cancellation) == UnlockStatus.Released)
                {
                    Interlocked.Increment(ref done);
                }
            }
        })];
        await Task.WhenAll(tasks);
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.Equal(6 * cycles, done);
    }

    [Fact]
    public async Task The_end_of_the_connection_is_noticed_after_a_caller_has_read()
    {
        InMemoryNode node = InMemoryNode.Start();
        await using RedlockFactory locks = RedlockFactory.Create(node.Endpoint);
        await locks.WaitUntilConnectedAsync(Cancellation);
        RedlockMutex mutex = locks.CreateMutex("name", _patient);
        for (int cycle = 0; cycle < 100; cycle++)
        {
            Assert.Equal(UnlockStatus.Released, mutex.Unlock(mutex.TryLock(Cancellation).Token, CancellationToken.None));
        }

        await node.DisposeAsync();
        RespNode connection = Assert.IsType<RespNode>(Assert.Single(locks.Nodes));
        await Eventually.Holds(() => connection.State != RespNodeState.Connected);
        Assert.Equal(LockStatus.Unavailable, mutex.TryLock(CancellationToken.None).Status);
    }

    [Fact]
    public async Task A_caller_that_reads_gives_up_at_the_time_limit_of_the_node()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        await using RedlockFactory locks = RedlockFactory.Create(node.Endpoint);
        await locks.WaitUntilConnectedAsync(Cancellation);
        RedlockMutex mutex = locks.CreateMutex("name", MutexOptions.NonBlocking with { NodeTimeLimit = TimeSpan.FromMilliseconds(50) });
        for (int cycle = 0; cycle < 100; cycle++)
        {
            mutex.Unlock(mutex.TryLock(CancellationToken.None).Token, CancellationToken.None);
        }

        node.Faults.Stall();
        Assert.Equal(LockStatus.Unavailable, mutex.TryLock(CancellationToken.None).Status);
        node.Faults.Resume();
        await Eventually.Holds(() => mutex.TryLock(CancellationToken.None).IsAcquired);
    }

    // A caller that reads is woken by replies alone, so one that can be cancelled must not.
    [Fact]
    public async Task A_caller_that_can_be_cancelled_is_not_held_up_by_reading()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        await using RedlockFactory locks = RedlockFactory.Create(node.Endpoint);
        await locks.WaitUntilConnectedAsync(Cancellation);
        RedlockMutex mutex = locks.CreateMutex(
            "name", MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMinutes(10), NodeTimeLimit = TimeSpan.FromMinutes(4) });
        for (int cycle = 0; cycle < 100; cycle++)
        {
            mutex.Unlock(mutex.TryLock(CancellationToken.None).Token, CancellationToken.None);
        }

        node.Faults.Stall();
        using CancellationTokenSource cancellation = new();
        Task<LockResult> locking = Task.Run(() => mutex.TryLock(cancellation.Token), Cancellation);
        RespNode connection = Assert.IsType<RespNode>(Assert.Single(locks.Nodes));
        await Eventually.Holds(() => connection.Pending == 1);
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => locking.SoonAsync());
        node.Faults.Resume();
    }

    [Fact]
    public async Task Disposing_ends_the_wait_of_a_caller_that_reads()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        RedlockFactory locks = RedlockFactory.Create(node.Endpoint);
        await locks.WaitUntilConnectedAsync(Cancellation);
        RedlockMutex mutex = locks.CreateMutex(
            "name", MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMinutes(10), NodeTimeLimit = TimeSpan.FromMinutes(4) });
        for (int cycle = 0; cycle < 100; cycle++)
        {
            mutex.Unlock(mutex.TryLock(CancellationToken.None).Token, CancellationToken.None);
        }

        node.Faults.Stall();
        LockStatus? status = null;
        Thread caller = new(() => status = mutex.TryLock(CancellationToken.None).Status);
        caller.Start();
        RespNode connection = Assert.IsType<RespNode>(Assert.Single(locks.Nodes));
        await Eventually.Holds(() => connection.Pending == 1);
        locks.Dispose();
        caller.Join();
        Assert.Equal(LockStatus.Unavailable, status);
        node.Faults.Resume();
    }
}
