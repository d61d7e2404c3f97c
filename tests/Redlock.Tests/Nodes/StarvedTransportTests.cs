using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

// Alone in the process: other tests could not go on while the pool is blocked.
[CollectionDefinition(nameof(StarvedTransportTests), DisableParallelization = true)]
[Collection(nameof(StarvedTransportTests))]
public sealed class StarvedTransportTests
{
    private static readonly TimeSpan _expiry = TimeSpan.FromSeconds(2);

    private static readonly MutexOptions _options = MutexOptions.Blocking with { Expiry = _expiry, NodeTimeLimit = _expiry / 2 };

    [Theory]
    [InlineData(Transport.Tcp)]
    [InlineData(Transport.Unix)]
    [InlineData(Transport.Tls)]
    public async Task A_renewed_lock_outlives_its_expiry_while_every_thread_of_the_pool_is_blocked(Transport transport)
    {
        using ServerOfEveryTransport server = await ServerOfEveryTransport.StartAsync();
        RedlockFactory factory = await server.ConnectAllAsync(transport);
        LockHandle held = await factory.CreateMutex("door", _options with { Renew = RenewOptions.Every(1.0 / 3, Timeout.InfiniteTimeSpan) })
            .LockAsync(TestContext.Current.CancellationToken);
        long firstDeadline = held.Token.DeadlineTicks;
        using (BlockedPool pool = new())
        {
            // Twice its expiry: without a renewal it would be gone.
            Assert.False(held.Lost.WaitHandle.WaitOne(_expiry * 2));
            Assert.True(held.IsHeld);
            Assert.True(MonotonicTime.Shared.GetTimestamp() > firstDeadline);
            Assert.True(pool.IsBlocked, "The pool was not blocked, so the test proves nothing.");
        }

        Assert.Equal(0, factory.Node(0).Reconnects);
        await held.DisposeAsync();
    }

    [Theory]
    [InlineData(Transport.Tcp)]
    [InlineData(Transport.Unix)]
    [InlineData(Transport.Tls)]
    public async Task Dials_and_dials_again_while_every_thread_of_the_pool_is_blocked(Transport transport)
    {
        using ServerOfEveryTransport server = await ServerOfEveryTransport.StartAsync();
        using (BlockedPool pool = new())
        {
            RedlockFactory factory = server.Connect(transport);
            RedlockMutex mutex = factory.CreateMutex("door", _options);
            Cycle(mutex);
            factory.Node(0).Send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no");
            Cycle(mutex);
            Assert.Equal(1, factory.Node(0).Reconnects);
            Assert.True(pool.IsBlocked, "The pool was not blocked, so the test proves nothing.");
        }
    }

    // Such a pipe is read on the thread pool: what is promised of it is less.
    [Fact]
    public async Task Over_a_pipe_that_the_pool_reads_a_lock_is_lost_but_told_and_a_call_ends_in_time()
    {
        using ServerOfEveryTransport server = await ServerOfEveryTransport.StartAsync();
        RedlockFactory factory = await server.ConnectAllAsync(Transport.PipelinesSockets);
        LockHandle held = await factory.CreateMutex("door", _options with { Renew = RenewOptions.Every(1.0 / 3, Timeout.InfiniteTimeSpan) })
            .LockAsync(TestContext.Current.CancellationToken);
        RedlockMutex other = factory.CreateMutex("window", _options);
        using (BlockedPool pool = new())
        {
            Assert.True(held.Lost.WaitHandle.WaitOne(Eventually.Patience), "Nobody was told that the lock was lost.");
            Assert.False(held.IsHeld);
            Assert.Equal(LockStatus.Unavailable, other.TryLock(CancellationToken.None).Status);
            Assert.True(pool.IsBlocked, "The pool was not blocked, so the test proves nothing.");
        }

        // Once the pool is free, all is as before.
        await Inspection.AllConnectedAsync(factory);
        Cycle(other);
    }

    private static void Cycle(RedlockMutex mutex)
    {
        LockHandle held = mutex.Lock(CancellationToken.None);
        Assert.Equal(ExtendStatus.Extended, mutex.Extend(held.Token, CancellationToken.None).Status);
        Assert.Equal(UnlockStatus.Released, mutex.Unlock(held.Token, CancellationToken.None));
    }
}
