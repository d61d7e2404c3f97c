using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

/// <summary>The examples of docs/testing.md, compiled and run.</summary>
public sealed class ReadmeExamples
{
    [Fact]
    public async Task The_report_is_written_by_one_instance_at_a_time()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        #region double
        var clock = new ManualTimeProvider();
        await using var locks = new InProcessLocks(clock);
        var report = new NightlyReport(locks.CreateMutex("nightly-report", MutexOptions.NonBlocking));

        var elsewhere = await locks.CreateMutex("nightly-report").LockAsync(cancellationToken);
        Assert.False(await report.TryWriteAsync(cancellationToken));

        // The other instance has died: after its expiry of 8 s the lock is free.
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(elsewhere.IsHeld);
        Assert.True(await report.TryWriteAsync(cancellationToken));
        #endregion
    }

    [Fact]
    public async Task An_outage_is_not_taken_for_contention()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        #region scripted
        await using var scripted = new ScriptedNode()
            .ExpectLock("stock", Reply.Ok, Reply.Nil, Reply.Error("LOADING Redis is loading the dataset in memory"))
            .ExpectUnlock("stock", Reply.Done);
        await using var factory = new RedlockFactory(scripted.Nodes(1));
        var mutex = factory.CreateMutex("stock", MutexOptions.NonBlocking);

        var taken = await mutex.TryLockAsync(cancellationToken);
        Assert.Equal(LockStatus.Contended, (await mutex.TryLockAsync(cancellationToken)).Status);
        Assert.Equal(LockStatus.Unavailable, (await mutex.TryLockAsync(cancellationToken)).Status);
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, cancellationToken));

        scripted.Verify();
        #endregion
    }

    [Fact]
    public async Task A_lock_survives_the_loss_of_one_node_of_three()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        Assert.SkipUnless(TempRedis.IsAvailable(out var reason), reason);
        #region real
        await using var first = await TempRedis.StartAsync(cancellationToken: cancellationToken);
        await using var second = await TempRedis.StartAsync(cancellationToken: cancellationToken);
        await using var third = await TempRedis.StartAsync(cancellationToken: cancellationToken);
        await using var factory = RedlockFactory.Create(first.Endpoint, second.UnixEndpoint, third.Endpoint);
        await factory.WaitUntilConnectedAsync(cancellationToken);

        third.Kill();

        await using var held = await factory.CreateMutex("stock").LockAsync(cancellationToken);
        Assert.True(held.IsHeld);
        #endregion
    }

    private sealed class NightlyReport(ILocker locker)
    {
        public async Task<bool> TryWriteAsync(CancellationToken cancellationToken)
        {
            var taken = await locker.TryLockAsync(cancellationToken);
            await using var held = taken.Handle;
            return taken.IsAcquired;
        }
    }
}
