using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

public sealed class InProcessLocksTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_spaces_know_nothing_of_each_other()
    {
        await using InProcessLocks here = new InProcessLocks();
        await using InProcessLocks there = new InProcessLocks();
        Assert.True((await here.CreateMutex("a").TryLockAsync(Cancellation)).IsAcquired);
        Assert.True((await there.CreateMutex("a").TryLockAsync(Cancellation)).IsAcquired);
        Assert.Equal(LockStatus.Contended, (await here.Factory.CreateMutex("a").TryLockAsync(Cancellation)).Status);
    }

    [Fact]
    public async Task Lost_data_is_learnt_from_the_next_extension_or_release()
    {
        await using InProcessLocks locks = new InProcessLocks();
        RedlockMutex mutex = locks.CreateMutex("a");
        LockResult taken = await mutex.TryLockAsync(Cancellation);
        locks.LoseAllData();
        Assert.Equal(ExtendStatus.NotHeld, (await mutex.ExtendAsync(taken.Token, Cancellation)).Status);
        Assert.Equal(UnlockStatus.NotHeld, await mutex.UnlockAsync(taken.Token, Cancellation));
        Assert.True((await mutex.TryLockAsync(Cancellation)).IsAcquired);
    }

    [Fact]
    public async Task An_outage_is_no_contention_and_keeps_the_locks()
    {
        await using InProcessLocks locks = new InProcessLocks();
        RedlockMutex mutex = locks.CreateMutex("a", MutexOptions.NonBlocking);
        LockResult taken = await mutex.TryLockAsync(Cancellation);
        locks.Stop();
        LockFailedException failure = await Assert.ThrowsAsync<LockFailedException>(async () => await mutex.LockAsync(Cancellation));
        Assert.Equal(LockStatus.Unavailable, failure.Status);
        Assert.Contains("stopped by the test", failure.Message, StringComparison.Ordinal);
        Assert.Equal(ExtendStatus.Unavailable, (await mutex.ExtendAsync(taken.Token, Cancellation)).Status);
        Assert.Equal(UnlockStatus.Unknown, await mutex.UnlockAsync(taken.Token, Cancellation));
        locks.Start();
        Assert.Equal(LockStatus.Contended, (await mutex.TryLockAsync(Cancellation)).Status);
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, Cancellation));
    }

    [Fact]
    public async Task Disposing_a_result_releases_what_it_holds_and_nothing_else()
    {
        await using InProcessLocks locks = new InProcessLocks();
        RedlockMutex mutex = locks.CreateMutex("a", MutexOptions.NonBlocking);
        await using (LockResult taken = await mutex.TryLockAsync(Cancellation))
        {
            Assert.True(taken.IsAcquired);
            await using LockResult refused = await mutex.TryLockAsync(Cancellation);
            Assert.Equal(LockStatus.Contended, refused.Status);
            refused.Dispose();
            Assert.True(taken.Handle.IsHeld);
        }

        using LockResult next = mutex.TryLock(Cancellation);
        Assert.True(next.IsAcquired);
    }

    [Fact]
    public async Task Of_many_threads_one_at_a_time_is_inside()
    {
        await using InProcessLocks locks = new InProcessLocks();
        RedlockMutex mutex = locks.CreateMutex("a", MutexOptions.Blocking with { Tries = 1_000_000, Delay = TimeSpan.FromTicks(1) });
        (int inside, int most, int runs) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            async () =>
            {
                for (int i = 0; i < 50; i++)
                {
                    await using LockHandle held = await mutex.LockAsync(Cancellation);
                    most = Math.Max(most, Interlocked.Increment(ref inside));
                    runs++;
                    Interlocked.Decrement(ref inside);
                }
            },
            Cancellation)));
        Assert.Equal((1, 400), (most, runs));
    }
}
