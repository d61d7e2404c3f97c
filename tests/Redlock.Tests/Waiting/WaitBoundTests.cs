namespace Redlock.Fast.Tests;

/// <summary>How long a caller waits, and what it is told when its time is over.</summary>
public sealed class WaitBoundTests(SharedNodes shared)
{
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(200);

    public static TheoryData<TimeSpan> Waits() => [TimeSpan.Zero, TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(1), _short];

    [Theory]
    [MemberData(nameof(Waits))]
    public async Task A_time_that_is_over_is_contended_and_names_who_holds(TimeSpan wait)
    {
        await using RedlockFactory factory = await shared.ConnectAsync(3);
        List<NodeTroubledEventArgs> troubles = [];
        factory.NodeTroubled += (_, trouble) => troubles.Add(trouble);
        RedlockMutex mutex = factory.CreateMutex(Inspection.NewName(), Waiters.Unpolled);
        await using LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
        LockResult awaited = await mutex.TryLockAsync(wait, TestContext.Current.CancellationToken);
        Assert.Equal(LockStatus.Contended, awaited.Status);
        Assert.Equal(LockStatus.Contended, mutex.TryLock(wait, TestContext.Current.CancellationToken).Status);
        IReadOnlyList<NodeOutcome> latest = mutex.LastAttemptByAnyone;
        Assert.True(latest.Count(node => node.Vote == NodeVote.HeldByOther) >= 2, string.Join('\n', latest));
        Assert.Empty(troubles);
    }

    [Theory]
    [MemberData(nameof(Waits))]
    public async Task A_free_lock_is_taken_however_short_the_wait(TimeSpan wait)
    {
        await using RedlockFactory factory = await shared.ConnectAsync(3);
        RedlockMutex mutex = factory.CreateMutex(Inspection.NewName(), Waiters.Unpolled);
        LockResult awaited = await mutex.TryLockAsync(wait, TestContext.Current.CancellationToken);
        Assert.Equal(LockStatus.Acquired, awaited.Status);
        Assert.Equal(UnlockStatus.Released, mutex.Unlock(awaited.Token, TestContext.Current.CancellationToken));
        LockResult blocking = mutex.TryLock(wait, TestContext.Current.CancellationToken);
        Assert.Equal(LockStatus.Acquired, blocking.Status);
        mutex.Unlock(blocking.Token, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Waits_without_end_and_of_weeks_are_ended_by_a_release()
    {
        await using RedlockFactory factory = await shared.ConnectAsync(3);
        RedlockMutex mutex = factory.CreateMutex(Inspection.NewName(), Waiters.Unpolled);
        LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
        TimeSpan[] waits = [Timeout.InfiniteTimeSpan, TimeSpan.FromDays(40), TimeSpan.MaxValue];
        Task<LockResult>[] waiting = new Task<LockResult>[waits.Length];
        for (int number = 0; number < waits.Length; number++)
        {
            waiting[number] = mutex.TryLockAsync(waits[number], TestContext.Current.CancellationToken).AsTask();
            await factory.InLineAsync(number + 1);
        }

        await held.DisposeAsync();
        foreach (Task<LockResult> one in waiting)
        {
            LockResult taken = await one.SoonAsync();
            Assert.True(taken.IsAcquired);
            await mutex.UnlockAsync(taken.Token, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void A_negative_wait_is_refused()
    {
        using RedlockFactory factory = RedlockFactory.Create("127.0.0.1:1");
        RedlockMutex mutex = factory.CreateMutex("door");
        TimeSpan negative = TimeSpan.FromMilliseconds(-2);
        Assert.Throws<ArgumentOutOfRangeException>(() => mutex.TryLockAsync(negative, default).AsTask().Wait(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => mutex.TryLock(negative, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentOutOfRangeException>(() => factory.CreateMutex("door", MutexOptions.Blocking with { WaitLimit = negative }));
        Assert.Throws<ArgumentOutOfRangeException>(() => factory.CreateMutex("door", MutexOptions.Blocking with { SuccessionLimit = -1 }));
    }

    [Fact]
    public async Task A_wait_limit_of_the_mutex_ends_in_an_exception_with_the_nodes()
    {
        await using RedlockFactory factory = await shared.ConnectAsync(3);
        RedlockMutex mutex = factory.CreateMutex(Inspection.NewName(), Waiters.Unpolled with { WaitLimit = _short, Tries = 1 });
        await using LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
        LockFailedException awaited = await Assert.ThrowsAsync<LockFailedException>(
            () => mutex.LockAsync(TestContext.Current.CancellationToken).AsTask());
        LockFailedException blocking = Assert.Throws<LockFailedException>(() => mutex.Lock(TestContext.Current.CancellationToken));
        foreach (LockFailedException failure in (LockFailedException[])[awaited, blocking])
        {
            Assert.Equal(LockStatus.Contended, failure.Status);
            Assert.True(failure.Nodes.Count(node => node.Vote == NodeVote.HeldByOther) >= 2, failure.Message);
        }

        Assert.False(await mutex.WithLockAsync(_ => ValueTask.CompletedTask, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Nodes_that_die_meanwhile_make_it_unavailable(int nodes)
    {
        using OwnServers servers = await OwnServers.StartAsync(nodes);
        await using RedlockFactory factory = await servers.ConnectAllAsync();
        RedlockMutex mutex = factory.CreateMutex("door", MutexOptions.Blocking with
        {
            Expiry = TimeSpan.FromHours(1),
            NodeTimeLimit = TimeSpan.FromMilliseconds(100),
            Delay = TimeSpan.FromMilliseconds(20),
        });
        await mutex.TryLockAsync(TestContext.Current.CancellationToken);
        Task<LockResult> head = mutex.TryLockAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken).AsTask();
        await factory.InLineAsync(1);
        Task<LockResult> behind = mutex.TryLockAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken).AsTask();
        await factory.InLineAsync(2);
        for (int node = 0; node < nodes; node++)
        {
            servers[node].Kill();
        }

        Assert.Equal(LockStatus.Unavailable, (await head.SoonAsync()).Status);
        Assert.Equal(LockStatus.Unavailable, (await behind.SoonAsync()).Status);
    }

    [Fact]
    public async Task The_last_of_several_tries_is_the_one_that_is_told()
    {
        using OwnServers servers = await OwnServers.StartAsync(1);
        await using RedlockFactory factory = await servers.ConnectAllAsync();
        RedlockMutex mutex = factory.CreateMutex("door", MutexOptions.Blocking with
        {
            Expiry = TimeSpan.FromHours(1),
            Tries = 2,
            NodeTimeLimit = TimeSpan.FromMilliseconds(100),
            Delay = TimeSpan.FromSeconds(1),
        });
        await mutex.TryLockAsync(TestContext.Current.CancellationToken);
        Task<LockHandle> waiting = mutex.LockAsync(TestContext.Current.CancellationToken).AsTask();
        await factory.MarkedAsync("door");
        servers[0].Kill();
        LockFailedException failure = await Assert.ThrowsAsync<LockFailedException>(() => waiting.SoonAsync());
        Assert.Equal(LockStatus.Unavailable, failure.Status);
        Assert.NotEqual(NodeVote.HeldByOther, Assert.Single(failure.Nodes).Vote);
    }

    [Fact]
    public async Task A_cancellation_is_one_and_leaves_nothing_behind()
    {
        await using RedlockFactory factory = await shared.ConnectAsync(3);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.CreateMutex(name, Waiters.Unpolled);
        LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
        using CancellationTokenSource leave = new();
        Task<LockResult> waiting = mutex.TryLockAsync(Timeout.InfiniteTimeSpan, leave.Token).AsTask();
        await factory.InLineAsync(1);
        leave.Cancel();
        OperationCanceledException cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.SoonAsync());
        Assert.Equal(leave.Token, cancelled.CancellationToken);
        await held.DisposeAsync();
        Assert.All(await factory.StoredAsync(name), Assert.Null);
    }
}
