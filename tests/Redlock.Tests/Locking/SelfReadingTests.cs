using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

// A synchronous caller reads its replies itself, those of all nodes; nobody else may notice.
public sealed class SelfReadingTests : IAsyncLifetime
{
    private const int Cycles = 2000;

    private static readonly TimeSpan _long = TimeSpan.FromMinutes(10);

    // However long the stand-ins' threads have to wait for a processor.
    private static readonly MutexOptions _patient =
        MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMinutes(2), NodeTimeLimit = TimeSpan.FromSeconds(30) };

    private static readonly MutexOptions _endless = MutexOptions.NonBlocking with { Expiry = _long, NodeTimeLimit = _long / 3 };

    private readonly InMemoryNode[] _nodes = [.. Enumerable.Range(0, 5).Select(static _ => InMemoryNode.Start())];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (InMemoryNode node in _nodes)
        {
            node.Faults.Resume();
            await node.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(1, "tcp")]
    [InlineData(1, "unix")]
    [InlineData(1, "foreign")]
    [InlineData(3, "tcp")]
    [InlineData(3, "unix")]
    [InlineData(3, "foreign")]
    [InlineData(5, "tcp")]
    public async Task Synchronous_and_asynchronous_callers_share_the_connections(int number, string transport)
    {
        IEnumerable<InMemoryNode> nodes = _nodes.Take(number);

        // Nobody but its own thread reads a pipe that cannot say whether a read would block.
        RespNode[] foreign = transport == "foreign"
            ? [.. nodes.Select(static node => new RespNode(ForeignPipe.Dialing(node.Endpoint)))]
            : [];
        await using (RedlockFactory locks = foreign.Length > 0
            ? new RedlockFactory(foreign)
            : RedlockFactory.Create([.. nodes.Select(node => transport == "unix" ? node.UnixEndpoint : node.Endpoint)]))
        {
            await locks.WaitUntilConnectedAsync(Cancellation);
            Assert.Equal(6 * Cycles, await RunAsync(locks));
        }

        Array.ForEach(foreign, static node => node.Dispose());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task The_end_of_a_connection_is_noticed_after_a_caller_has_read(int number)
    {
        await using RedlockFactory locks = await ConnectAsync(number);
        RedlockMutex mutex = locks.CreateMutex("name", _patient);
        Cycle(mutex);
        foreach (InMemoryNode node in _nodes)
        {
            await node.DisposeAsync();
        }

        await Eventually.Holds(() => locks.Nodes.All(static node => ((RespNode)node).State != RespNodeState.Connected));
        Assert.Equal(LockStatus.Unavailable, mutex.TryLock(CancellationToken.None).Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_caller_that_reads_gives_up_at_the_time_limit_of_the_node(int number)
    {
        await using RedlockFactory locks = await ConnectAsync(number);
        Cycle(locks.CreateMutex("warm", _patient));
        RedlockMutex mutex = locks.CreateMutex("name", MutexOptions.NonBlocking with { NodeTimeLimit = TimeSpan.FromMilliseconds(50) });
        Array.ForEach(_nodes, static node => node.Faults.Stall());
        Assert.Equal(LockStatus.Unavailable, mutex.TryLock(CancellationToken.None).Status);
        Array.ForEach(_nodes, static node => node.Faults.Resume());
        await Eventually.Holds(() => mutex.TryLock(CancellationToken.None).IsAcquired);
    }

    // A caller that reads is woken by replies alone, so one that can be cancelled looks often.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_caller_that_can_be_cancelled_is_not_held_up_by_reading(int number)
    {
        await using RedlockFactory locks = await ConnectAsync(number);
        RedlockMutex mutex = locks.CreateMutex("name", _endless);
        Cycle(mutex);
        Array.ForEach(_nodes, static node => node.Faults.Stall());
        using CancellationTokenSource cancellation = new();
        Task<LockResult> locking = Task.Run(() => mutex.TryLock(cancellation.Token), Cancellation);
        await Eventually.Holds(() => IsAsked(locks));
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => locking.SoonAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Disposing_ends_the_wait_of_a_caller_that_reads(int number)
    {
        RedlockFactory locks = await ConnectAsync(number);
        RedlockMutex mutex = locks.CreateMutex("name", _endless);
        Cycle(mutex);
        Array.ForEach(_nodes, static node => node.Faults.Stall());
        LockStatus? status = null;
        Thread caller = new(() => status = mutex.TryLock(CancellationToken.None).Status);
        caller.Start();
        await Eventually.Holds(() => IsAsked(locks));
        locks.Dispose();
        caller.Join();
        Assert.Equal(LockStatus.Unavailable, status);
    }

    // One node that says nothing is the caller's loss of nothing: it reads the others, and the next caller does as well.
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_caller_that_reads_is_not_held_up_by_one_silent_node(int silent)
    {
        await using RedlockFactory locks = await ConnectAsync(3);
        RedlockMutex mutex = locks.CreateMutex("name", _endless);
        Cycle(mutex);
        _nodes[silent].Faults.Stall();
        for (int cycle = 0; cycle < 50; cycle++)
        {
            LockResult taken = mutex.TryLock(CancellationToken.None);
            Assert.True(taken.IsAcquired);
            Assert.Equal(UnlockStatus.Released, mutex.Unlock(taken.Token, CancellationToken.None));
        }

        _nodes[silent].Faults.Resume();
        await Eventually.Holds(() => locks.Nodes.All(static node => ((RespNode)node).Pending == 0));
    }

    [Fact]
    public async Task A_caller_that_reads_goes_on_when_a_connection_is_cut_under_it()
    {
        await using RedlockFactory locks = await ConnectAsync(3);
        RedlockMutex mutex = locks.CreateMutex("name", _endless);
        Cycle(mutex);
        Array.ForEach(_nodes, static node => node.Faults.Stall());
        LockResult? taken = null;
        Thread caller = new(() => taken = mutex.TryLock(CancellationToken.None));
        caller.Start();
        await Eventually.Holds(() => IsAsked(locks));
        await _nodes[1].DisposeAsync();
        await Eventually.Holds(() => ((RespNode)locks.Nodes[1]).State != RespNodeState.Connected);
        _nodes[0].Faults.Resume();
        _nodes[2].Faults.Resume();
        caller.Join();
        Assert.True(taken is { IsAcquired: true });
    }

    // What is left unread must not stay so: whoever awaits behind it would wait for ever.
    [Fact]
    public async Task Replies_that_a_caller_has_left_are_read_though_nobody_comes()
    {
        await using RedlockFactory locks = await ConnectAsync(3);
        RedlockMutex mutex = locks.CreateMutex("name", _endless);
        for (int cycle = 0; cycle < 50; cycle++)
        {
            Cycle(mutex);
            await Eventually.Holds(() => locks.Nodes.All(static node => ((RespNode)node).Pending == 0));
        }
    }

    private static bool IsAsked(RedlockFactory locks) => locks.Nodes.All(static node => ((RespNode)node).Pending >= 1);

    // Often enough that the threads have stepped aside.
    private static void Cycle(RedlockMutex mutex)
    {
        for (int cycle = 0; cycle < 100; cycle++)
        {
            Assert.Equal(UnlockStatus.Released, mutex.Unlock(mutex.TryLock(CancellationToken.None).Token, CancellationToken.None));
        }
    }

    private static async Task<int> RunAsync(RedlockFactory locks)
    {
        int done = 0;
        List<Thread> threads = [];
        for (int index = 0; index < 3; index++)
        {
            RedlockMutex mutex = locks.CreateMutex($"synchronous-{index}", _patient);
            Thread thread = new(() =>
            {
                for (int cycle = 0; cycle < Cycles; cycle++)
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

        await Task.WhenAll(Enumerable.Range(0, 3).Select(async index =>
        {
            RedlockMutex mutex = locks.CreateMutex($"asynchronous-{index}", _patient);
            for (int cycle = 0; cycle < Cycles; cycle++)
            {
                LockResult taken = await mutex.TryLockAsync(Cancellation);
                if (taken.IsAcquired && await mutex.UnlockAsync(taken.Token, Cancellation) == UnlockStatus.Released)
                {
                    Interlocked.Increment(ref done);
                }
            }
        }));
        threads.ForEach(static thread => thread.Join());
        return done;
    }

    private async Task<RedlockFactory> ConnectAsync(int number)
    {
        RedlockFactory locks = RedlockFactory.Create([.. _nodes.Take(number).Select(static node => node.Endpoint)]);
        await Task.WhenAll(locks.Nodes.Select(static node => node.WaitUntilConnectedAsync(Cancellation)));
        return locks;
    }
}
