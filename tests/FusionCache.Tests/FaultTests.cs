using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Redlock.Fast.Extensions;
using Redlock.Fast.Testing;
using ZiggyCreatures.Caching.Fusion;

namespace Redlock.Fast.FusionCache.Tests;

/// <summary>The locker where nodes, clocks and callers do not do as they should.</summary>
public sealed class FaultTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_that_are_away_at_the_start_are_told_and_used_when_they_come()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        node.Stop();
        await using RedlockFactory factory = RedlockFactory.Create(node.Endpoint);
        RedlockFusionCacheLocker locker = new(new LockProvider(factory));
        LockUnavailableException away = await Assert.ThrowsAsync<LockUnavailableException>(
            () => TakeAsync(locker, "a", Timeout.InfiniteTimeSpan).AsTask().SoonAsync());
        Assert.Contains(node.Endpoint, away.Message, StringComparison.Ordinal);
        node.Restart(NodeData.Lose);
        await Eventually.Holds(async () =>
        {
            try
            {
                return await TakeAsync(locker, "a", TimeSpan.Zero) is not null;
            }
            catch (LockUnavailableException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task What_was_taken_before_an_outage_is_released_without_a_word()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        await using RedlockFactory factory = RedlockFactory.Create(node.Endpoint);
        RedlockFusionCacheLocker locker = new(new LockProvider(factory));
        object? first = await TakeAsync(locker, "a", TimeSpan.FromSeconds(10));
        object? second = await TakeAsync(locker, "b", TimeSpan.FromSeconds(10));
        object? third = await TakeAsync(locker, "c", TimeSpan.FromSeconds(10));
        Assert.True(first is not null && second is not null && third is not null);
        node.Stop();
        await ReleaseAsync(locker, "a", first);
        Release(locker, "b", second);
        await factory.DisposeAsync();
        await ReleaseAsync(locker, "c", third);
    }

    [Fact]
    public async Task A_lock_that_is_dropped_is_released()
    {
        await using InProcessLocks locks = new();
        RedlockFusionCacheLocker locker = new(new LockProvider(locks.Factory));
        await DropAsync(locker);
        await Eventually.Holds(async () =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return await TakeAsync(locker, "dropped", TimeSpan.Zero) is not null;
        });
    }

    [Fact]
    public async Task A_clock_that_stands_still_hinders_neither_who_is_first_nor_who_is_woken()
    {
        await using InProcessLocks locks = new(new ManualTimeProvider());
        RedlockFusionCacheLocker locker = new(new LockProvider(locks.Factory));
        object? held = await TakeAsync(locker, "a", TimeSpan.Zero);
        Assert.NotNull(held);
        Assert.Null(await TakeAsync(locker, "a", TimeSpan.Zero));
        Task<object?> waiting = TakeAsync(locker, "a", Timeout.InfiniteTimeSpan).AsTask();
        Assert.False(waiting.IsCompleted);
        await ReleaseAsync(locker, "a", held);
        Assert.NotNull(await waiting.SoonAsync());
    }

    [Fact]
    public async Task A_name_of_64_kib_is_locked_and_without_a_lock_for_a_longer_one_the_cache_does_as_it_can()
    {
        await using InProcessLocks locks = new();
        RedlockFusionCacheLocker locker = new(new LockProvider(locks.Factory));
        string longest = new('x', 64 * 1024);
        Assert.NotNull(await TakeAsync(locker, longest, TimeSpan.Zero));
        Assert.Null(await TakeAsync(locker, longest, TimeSpan.Zero));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => TakeAsync(locker, longest + "x", TimeSpan.Zero).AsTask());
        using ZiggyCreatures.Caching.Fusion.FusionCache cache = new(Options.Create(new FusionCacheOptions()));
        cache.SetupDistributedCache(
            new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions())), new TextSerializer());
        cache.SetupDistributedLocker(locker);
        Assert.Equal(42, await cache.GetOrSetAsync<int>(longest + "x", (_, _) => Task.FromResult(42), token: Token));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task DropAsync(RedlockFusionCacheLocker locker) =>
        Assert.NotNull(await TakeAsync(locker, "dropped", TimeSpan.Zero));

    private static ValueTask<object?> TakeAsync(RedlockFusionCacheLocker locker, string name, TimeSpan timeout) =>
        locker.AcquireLockAsync("cache", "1", "1", name, name, timeout, null, Token);

    private static ValueTask ReleaseAsync(RedlockFusionCacheLocker locker, string name, object? held) =>
        locker.ReleaseLockAsync("cache", "1", "1", name, name, held, null, CancellationToken.None);

    private static void Release(RedlockFusionCacheLocker locker, string name, object? held) =>
        locker.ReleaseLock("cache", "1", "1", name, name, held, null, CancellationToken.None);
}
