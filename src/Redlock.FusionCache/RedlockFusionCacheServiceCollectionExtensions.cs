using Microsoft.Extensions.DependencyInjection.Extensions;
using Redlock.Fast;
using Redlock.Fast.Extensions;
using Redlock.Fast.FusionCache;
using ZiggyCreatures.Caching.Fusion.Locking.Distributed;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the distributed locker of FusionCache over a registered quorum.</summary>
public static class RedlockFusionCacheServiceCollectionExtensions
{
    /// <summary>
    /// Call it behind <c>AddRedlock</c>, and <c>WithRegisteredDistributedLocker()</c> on the builder of the cache.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="change">Gives the options of these locks, made from the quorum's defaults; none if <c>null</c>.</param>
    /// <example>
    /// <code>
    /// builder.Services.AddRedlock(builder.Configuration.GetSection("Redlock")).AddFusionCacheDistributedLocker();
    /// builder.Services.AddFusionCache().WithRegisteredDistributedLocker();
    /// </code>
    /// </example>
    public static IServiceCollection AddFusionCacheDistributedLocker(
        this IServiceCollection services, Func<MutexOptions, MutexOptions>? change = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<IFusionCacheDistributedLocker>(
            provider => Create(provider.GetService<ILockProvider>(), "AddRedlock(...)", change));
        return services;
    }

    /// <summary>
    /// The same for one of several quorums; on the builder of the cache it is <c>WithRegisteredKeyedDistributedLocker(key)</c>.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="key">The service key that <c>AddKeyedRedlock</c> was given.</param>
    /// <param name="change">Gives the options of these locks, made from the quorum's defaults; none if <c>null</c>.</param>
    public static IServiceCollection AddKeyedFusionCacheDistributedLocker(
        this IServiceCollection services, string key, Func<MutexOptions, MutexOptions>? change = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(key);
        services.TryAddKeyedSingleton<IFusionCacheDistributedLocker>(
            key,
            (provider, name) => Create(provider.GetKeyedService<ILockProvider>(name), $"AddKeyedRedlock(\"{name}\", ...)", change));
        return services;
    }

    private static RedlockFusionCacheLocker Create(
        ILockProvider? locks, string registration, Func<MutexOptions, MutexOptions>? change) =>
        locks is null
            ? throw new InvalidOperationException(
                $"There is no quorum to lock on: register one with services.{registration}, where the locker is registered.")
            : new RedlockFusionCacheLocker(locks, change);
}
