using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests.Testing;

/// <summary>The examples of the README's section on testing, compiled and run.</summary>
public sealed class ReadmeExamples
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    #region double
    [Fact]
    public async Task The_report_is_written_by_one_instance_at_a_time()
    {
        var clock = new ManualTimeProvider();
        await using var locks = new InProcessLocks(clock);
        var report = new NightlyReport(locks.CreateMutex("nightly-report", MutexOptions.NonBlocking));

        var elsewhere = await locks.CreateMutex("nightly-report").LockAsync(Cancellation);
        Assert.False(await report.TryWriteAsync(Cancellation));

        // The other instance has died: after its expiry of 8 s the lock is free.
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(elsewhere.IsHeld);
        Assert.True(await report.TryWriteAsync(Cancellation));
    }
    #endregion

    #region scripted
    [Fact]
    public async Task An_outage_is_not_taken_for_contention()
    {
        await using var scripted = new ScriptedNode()
            .ExpectLock("stock", Reply.Ok, Reply.Nil, Reply.Error("LOADING Redis is loading the dataset in memory"))
            .ExpectUnlock("stock", Reply.Done);
        await using var factory = new RedlockFactory(scripted.Nodes(1));
        var mutex = factory.CreateMutex("stock", MutexOptions.NonBlocking);

        var taken = await mutex.TryLockAsync(Cancellation);
        Assert.Equal(LockStatus.Contended, (await mutex.TryLockAsync(Cancellation)).Status);
        Assert.Equal(LockStatus.Unavailable, (await mutex.TryLockAsync(Cancellation)).Status);
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, Cancellation));

        scripted.Verify();
    }
    #endregion

    #region real
    [Fact]
    public async Task A_lock_survives_the_loss_of_one_node_of_three()
    {
        Assert.SkipUnless(TempRedis.IsAvailable(out var reason), reason);
        await using var first = await TempRedis.StartAsync(cancellationToken: Cancellation);
        await using var second = await TempRedis.StartAsync(cancellationToken: Cancellation);
        await using var third = await TempRedis.StartAsync(cancellationToken: Cancellation);
        await using var factory = RedlockFactory.Create(first.Endpoint, second.UnixEndpoint, third.Endpoint);
        await factory.WaitUntilConnectedAsync(Cancellation);

        third.Kill();

        await using var held = await factory.CreateMutex("stock").LockAsync(Cancellation);
        Assert.True(held.IsHeld);
    }
    #endregion

    private sealed class NightlyReport(ILocker locker)
    {
        public async Task<bool> TryWriteAsync(CancellationToken cancellationToken)
        {
            var taken = await locker.TryLockAsync(cancellationToken);
            await using var held = new LockHandle(locker, taken.Token);
            return taken.IsAcquired;
        }
    }
}
