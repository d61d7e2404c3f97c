using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Redlock.Fast.Extensions;
using Redlock.Fast.Testing;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Locking.Distributed;

namespace Redlock.Fast.FusionCache.Tests;

public sealed class LockerTests
{
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_does_not_get_it_in_time_gets_nothing()
    {
        await using InProcessLocks locks = new();
        RedlockFusionCacheLocker locker = new(new LockProvider(locks.Factory));
        object? held = await TakeAsync(locker, "a", TimeSpan.Zero);
        Assert.NotNull(held);
        Assert.Null(await TakeAsync(locker, "a", TimeSpan.Zero));
        Assert.Null(await TakeAsync(locker, "a", _short));
        Assert.Null(Take(locker, "a", _short));
        object? other = Take(locker, "b", TimeSpan.Zero);
        Assert.NotNull(other);
        await ReleaseAsync(locker, "a", held);
        await ReleaseAsync(locker, "a", held);
        await ReleaseAsync(locker, "a", null);
        object? next = Take(locker, "a", _short);
        Assert.NotNull(next);
        Release(locker, "a", next);
        Release(locker, "a", null);
        Release(locker, "b", other);
        Assert.NotNull(Take(locker, "b", TimeSpan.Zero));
    }

    [Fact]
    public async Task Who_waits_gets_it_when_it_is_released_and_who_cancels_does_not()
    {
        await using InProcessLocks locks = new();
        RedlockFusionCacheLocker locker = new(new LockProvider(locks.Factory));
        object? held = await TakeAsync(locker, "a", TimeSpan.Zero);
        using CancellationTokenSource cancellation = new();
        Task<object?> first = TakeAsync(locker, "a", Timeout.InfiniteTimeSpan, cancellation.Token).AsTask();
        Task<object?> second = TakeAsync(locker, "a", Timeout.InfiniteTimeSpan).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.SoonAsync());
        await ReleaseAsync(locker, "a", held);
        Assert.NotNull(await second.SoonAsync());
    }

    [Fact]
    public async Task An_outage_is_told_and_not_waited_out()
    {
        await using InProcessLocks locks = new();
        RedlockFusionCacheLocker locker = new(new LockProvider(locks.Factory));
        Assert.NotNull(await TakeAsync(locker, "held", TimeSpan.Zero));
        Task<object?> waiting = TakeAsync(locker, "held", Timeout.InfiniteTimeSpan).AsTask();
        locks.Stop();
        LockUnavailableException outage = await Assert.ThrowsAsync<LockUnavailableException>(
            () => TakeAsync(locker, "a", Timeout.InfiniteTimeSpan).AsTask().SoonAsync());
        Assert.Contains("in-process", outage.Message, StringComparison.Ordinal);
        Assert.Throws<LockUnavailableException>(() => Take(locker, "a", Timeout.InfiniteTimeSpan));
        await Assert.ThrowsAsync<LockUnavailableException>(() => waiting.SoonAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task In_an_outage_a_cache_does_as_its_options_say(bool throws)
    {
        await using InProcessLocks locks = new();
        locks.Stop();
        using IFusionCache cache = CacheOver(new RedlockFusionCacheLocker(new LockProvider(locks.Factory)));
        Task<int> asked = cache.GetOrSetAsync<int>(
            "answer",
            (_, _) => Task.FromResult(42),
            options => options.ReThrowDistributedLockerExceptions = throws,
            token: Token).AsTask();
        if (throws)
        {
            FusionCacheDistributedLockerException told =
                await Assert.ThrowsAsync<FusionCacheDistributedLockerException>(() => asked.SoonAsync());
            Assert.IsType<LockUnavailableException>(told.InnerException);
        }
        else
        {
            Assert.Equal(42, await asked.SoonAsync());
        }
    }

    [Fact]
    public async Task Two_quorums_have_a_locker_each()
    {
        await using InMemoryNode first = InMemoryNode.Start();
        await using InMemoryNode second = InMemoryNode.Start();
        await using ServiceProvider provider = new ServiceCollection()
            .AddRedlock(options => options.Nodes.Add(first.Endpoint))
            .AddFusionCacheDistributedLocker()
            .AddKeyedRedlock("billing", options => options.Nodes.Add(second.Endpoint))
            .AddKeyedFusionCacheDistributedLocker("billing")
            .BuildServiceProvider();
        IFusionCacheDistributedLocker one = provider.GetRequiredService<IFusionCacheDistributedLocker>();
        IFusionCacheDistributedLocker other = provider.GetRequiredKeyedService<IFusionCacheDistributedLocker>("billing");
        Assert.NotNull(await TakeAsync(one, "a", TimeSpan.Zero));
        Assert.NotNull(await TakeAsync(other, "a", TimeSpan.Zero));
        Assert.Null(await TakeAsync(one, "a", TimeSpan.Zero));
    }

    [Fact]
    public void Without_a_quorum_it_says_what_is_missing()
    {
        using ServiceProvider provider = new ServiceCollection()
            .AddFusionCacheDistributedLocker()
            .AddKeyedFusionCacheDistributedLocker("billing")
            .BuildServiceProvider();
        Assert.Contains(
            "services.AddRedlock(...)",
            Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<IFusionCacheDistributedLocker>()).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "services.AddKeyedRedlock(\"billing\", ...)",
            Assert.Throws<InvalidOperationException>(
                () => provider.GetRequiredKeyedService<IFusionCacheDistributedLocker>("billing")).Message,
            StringComparison.Ordinal);
    }

    private static ZiggyCreatures.Caching.Fusion.FusionCache CacheOver(RedlockFusionCacheLocker locker)
    {
        ZiggyCreatures.Caching.Fusion.FusionCache cache = new(Options.Create(new FusionCacheOptions()));
        cache.SetupDistributedCache(
            new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions())), new TextSerializer());
        cache.SetupDistributedLocker(locker);
        return cache;
    }

    private static ValueTask<object?> TakeAsync(
        IFusionCacheDistributedLocker locker, string name, TimeSpan timeout, CancellationToken token = default) =>
        locker.AcquireLockAsync("cache", "1", "1", name, name, timeout, null, token);

    private static object? Take(RedlockFusionCacheLocker locker, string name, TimeSpan timeout) =>
        locker.AcquireLock("cache", "1", "1", name, name, timeout, null, CancellationToken.None);

    private static ValueTask ReleaseAsync(RedlockFusionCacheLocker locker, string name, object? held) =>
        locker.ReleaseLockAsync("cache", "1", "1", name, name, held, null, CancellationToken.None);

    private static void Release(RedlockFusionCacheLocker locker, string name, object? held) =>
        locker.ReleaseLock("cache", "1", "1", name, name, held, null, CancellationToken.None);
}
