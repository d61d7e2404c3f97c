using Redlock.Fast.Testing;

namespace Redlock.Fast.Extensions.Tests;

public class LockProviderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_made_by_hand_locks_like_the_containers()
    {
        await using InProcessLocks locks = new();
        LockProvider provider = new(locks.Factory, MutexOptions.NonBlocking);
        Assert.Same(locks.Factory, provider.Factory);
        await using LockHandle held = await provider.CreateMutex("door").LockAsync(Token);
        RedlockMutex second = provider.CreateMutex("door", defaults => defaults with { Expiry = TimeSpan.FromMinutes(1) });
        Assert.Equal(MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMinutes(1) }, second.Options);
        Assert.Equal(LockStatus.Contended, (await second.TryLockAsync(Token)).Status);
    }

    [Fact]
    public void Without_defaults_it_has_the_librarys()
    {
        using InProcessLocks locks = new();
        Assert.Equal(MutexOptions.Blocking, new LockProvider(locks.Factory).Defaults);
        Assert.Throws<ArgumentNullException>(() => new LockProvider(null!));
    }
}
