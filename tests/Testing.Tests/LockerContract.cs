namespace Redlock.Fast.Testing.Tests;

/// <summary>What every <see cref="RedlockMutex"/> promises, whatever is behind it.</summary>
public abstract class LockerContract : IAsyncLifetime
{
    // Limits far above what a busy machine needs, so that only what a test is about can fail it.
    private static readonly MutexOptions Once = new()
    {
        Expiry = TimeSpan.FromSeconds(60),
        NodeTimeLimit = TimeSpan.FromSeconds(20),
        Tries = 1,
    };

    private static readonly MutexOptions Patient = Once with { Tries = 100_000, Delay = TimeSpan.FromMilliseconds(2) };

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>A locker of the given name among all those of this test.</summary>
    protected abstract RedlockMutex Locker(string name, MutexOptions options);

    /// <summary>Moves time on a little, if it does not move by itself.</summary>
    protected abstract void Tick();

    private Task UntilAsync(Func<Task<bool>> condition) => Eventually.Holds(() =>
    {
        Tick();
        return condition();
    });

    private Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    [Fact]
    public async Task One_holder_excludes_all_others_until_it_releases()
    {
        (RedlockMutex? first, RedlockMutex? second) = (Locker("a", Once), Locker("a", Once));
        LockResult taken = await first.TryLockAsync(Cancellation);
        Assert.Equal(LockStatus.Acquired, taken.Status);
        foreach (RedlockMutex locker in (RedlockMutex[])[first, second])
        {
            LockResult refused = await locker.TryLockAsync(Cancellation);
            Assert.Equal(LockStatus.Contended, refused.Status);
            Assert.True(refused.Token.IsDefault);
        }

        Assert.True((await Locker("b", Once).TryLockAsync(Cancellation)).IsAcquired);
        Assert.Equal(UnlockStatus.Released, await second.UnlockAsync(taken.Token, Cancellation));
        Assert.Equal(UnlockStatus.NotHeld, await first.UnlockAsync(taken.Token, Cancellation));
        LockResult next = await second.TryLockAsync(Cancellation);
        Assert.True(next.IsAcquired);
        Assert.NotEqual(taken.Token.Value, next.Token.Value);
    }

    [Fact]
    public async Task A_stranger_neither_releases_nor_extends()
    {
        RedlockMutex locker = Locker("a", Once);
        LockToken stranger = (await Locker("b", Once).TryLockAsync(Cancellation)).Token;
        Assert.True((await locker.TryLockAsync(Cancellation)).IsAcquired);
        foreach (LockToken token in (LockToken[])[LockToken.Parse(stranger.Value), default])
        {
            Assert.Equal(UnlockStatus.NotHeld, await locker.UnlockAsync(token, Cancellation));
            Assert.Equal(ExtendStatus.NotHeld, (await locker.ExtendAsync(token, Cancellation)).Status);
        }

        Assert.Equal(LockStatus.Contended, (await locker.TryLockAsync(Cancellation)).Status);
    }

    [Fact]
    public async Task The_value_of_a_token_hands_ownership_over()
    {
        RedlockMutex locker = Locker("a", Once);
        LockResult taken = await locker.TryLockAsync(Cancellation);
        LockToken handed = LockToken.Parse(taken.Token.Value);
        Assert.Equal(TimeSpan.Zero, locker.Remaining(handed));
        ExtendResult extended = await locker.ExtendAsync(handed, Cancellation);
        Assert.True(extended.IsExtended);
        Assert.Equal(taken.Token.Value, extended.Token.Value);
        Assert.True(locker.Remaining(extended.Token) > TimeSpan.Zero);
        Assert.Equal(UnlockStatus.Released, await locker.UnlockAsync(handed, Cancellation));
    }

    [Fact]
    public async Task The_deadline_is_the_expiry_less_the_drift_and_an_extension_moves_it()
    {
        RedlockMutex locker = Locker("a", Once with { Factor = 0.1 });
        LockResult taken = await locker.TryLockAsync(Cancellation);
        TimeSpan remaining = locker.Remaining(taken.Token);
        Assert.InRange(remaining, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(54) - TimeSpan.FromMilliseconds(2));
        await UntilAsync(() => locker.Remaining(taken.Token) < remaining);
        ExtendResult extended = await locker.ExtendAsync(taken.Token, Cancellation);
        Assert.True(extended.Token.DeadlineTicks > taken.Token.DeadlineTicks);
        Assert.Equal(TimeSpan.Zero, locker.Remaining(default));
    }

    [Fact]
    public async Task What_has_expired_is_lost_and_the_next_holder_keeps_what_is_its_own()
    {
        RedlockMutex locker = Locker("a", Once with { Expiry = TimeSpan.FromSeconds(1), NodeTimeLimit = TimeSpan.FromMilliseconds(900) });
        LockHandle late = await locker.LockAsync(Cancellation);
        Assert.True(late.IsHeld);
        await UntilAsync(() => !late.IsHeld);
        Assert.Equal(TimeSpan.Zero, late.Remaining);
        Assert.Equal(ExtendStatus.NotHeld, (await locker.ExtendAsync(late.Token, Cancellation)).Status);

        RedlockMutex next = Locker("a", Once);
        await UntilAsync(async () => (await next.TryLockAsync(Cancellation)).IsAcquired);
        Assert.Equal(UnlockStatus.NotHeld, await locker.UnlockAsync(late.Token, Cancellation));
        await late.DisposeAsync();
        Assert.Equal(LockStatus.Contended, (await next.TryLockAsync(Cancellation)).Status);
    }

    [Fact]
    public async Task A_lock_tries_again_until_the_holder_releases()
    {
        LockHandle holder = await Locker("a", Once).LockAsync(Cancellation);
        Task<LockHandle> waiting = Locker("a", Patient).LockAsync(Cancellation).AsTask();
        Tick();
        Assert.False(waiting.IsCompleted);
        await holder.DisposeAsync();
        await UntilAsync(() => waiting.IsCompleted);
        Assert.True((await waiting).IsHeld);
    }

    [Fact]
    public async Task A_lock_fails_after_its_last_try_and_says_why()
    {
        LockHandle holder = await Locker("a", Once).LockAsync(Cancellation);
        List<int> asked = new List<int>();
        RedlockMutex locker = Locker("a", Patient with
        {
            Tries = 3,
            DelayFunction = attempt =>
            {
                asked.Add(attempt);
                return TimeSpan.FromMilliseconds(1);
            },
        });
        Task<LockHandle> waiting = locker.LockAsync(Cancellation).AsTask();
        await UntilAsync(() => waiting.IsCompleted);
        LockFailedException failure = await Assert.ThrowsAsync<LockFailedException>(() => waiting);
        Assert.Equal((LockStatus.Contended, 3, "a"), (failure.Status, failure.Tries, failure.Name));
        Assert.Equal([1, 2], asked);
        Assert.True(holder.IsHeld);
    }

    [Fact]
    public async Task Cancellation_ends_the_wait_and_leaves_nothing_locked()
    {
        RedlockMutex locker = Locker("a", Patient);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await locker.TryLockAsync(new CancellationToken(canceled: true)));
        await using (await locker.LockAsync(Cancellation))
        {
            using CancellationTokenSource impatience = new CancellationTokenSource();
            Task<LockHandle> waiting = locker.LockAsync(impatience.Token).AsTask();
            await impatience.CancelAsync();
            OperationCanceledException cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
            Assert.Equal(impatience.Token, cancelled.CancellationToken);
        }

        Assert.True((await locker.TryLockAsync(Cancellation)).IsAcquired);
    }

    [Fact]
    public async Task A_handle_releases_once_when_it_is_disposed()
    {
        RedlockMutex locker = Locker("a", Once);
        LockHandle handle = await locker.LockAsync(Cancellation);
        Assert.Equal(handle.Token.Value, handle.Value);
        await handle.DisposeAsync();
        LockResult next = await locker.TryLockAsync(Cancellation);
        Assert.True(next.IsAcquired);
        await handle.DisposeAsync();
        Assert.Equal(LockStatus.Contended, (await locker.TryLockAsync(Cancellation)).Status);
    }

    [Fact]
    public void The_blocking_forms_do_the_same()
    {
        RedlockMutex locker = Locker("a", Once);
        using (LockHandle handle = locker.Lock(Cancellation))
        {
            Assert.True(handle.IsHeld);
            Assert.Equal(LockStatus.Contended, locker.TryLock(Cancellation).Status);
            Assert.Equal(LockStatus.Contended, Assert.Throws<LockFailedException>(() => locker.Lock(Cancellation)).Status);
            Assert.True(locker.Extend(handle.Token, Cancellation).IsExtended);
        }

        LockResult taken = locker.TryLock(Cancellation);
        Assert.True(taken.IsAcquired);
        Assert.Equal(UnlockStatus.Released, locker.Unlock(taken.Token, Cancellation));
        Assert.Equal(UnlockStatus.NotHeld, locker.Unlock(taken.Token, Cancellation));
    }
}
