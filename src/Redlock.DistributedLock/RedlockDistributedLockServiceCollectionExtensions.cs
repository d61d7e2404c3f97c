using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Redlock.Fast;
using Redlock.Fast.DistributedLock;
using Redlock.Fast.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers <see cref="IDistributedLockProvider"/> over a registered quorum.</summary>
public static class RedlockDistributedLockServiceCollectionExtensions
{
    /// <summary>
    /// Call it behind <c>AddRedlock</c>: whoever has an <see cref="IDistributedLockProvider"/> injected locks on that quorum from then on.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="change">
    /// Gives the options of these locks, made from the quorum's defaults: <c>options => options with { Expiry = TimeSpan.FromSeconds(30)
    /// }</c>; none if <c>null</c>.
    /// </param>
    /// <remarks>
    /// Registered behind another library's provider it takes its place; a second call changes nothing. The provider itself can be injected
    /// as <see cref="RedlockDistributedLockProvider"/>.
    /// </remarks>
    /// <example>
    /// <code>
    /// builder.Services.AddRedlock(builder.Configuration.GetSection("Redlock")).AddDistributedLockProvider();
    /// </code>
    /// </example>
    public static IServiceCollection AddDistributedLockProvider(
        this IServiceCollection services, Func<MutexOptions, MutexOptions>? change = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        int before = services.Count;
        services.TryAddSingleton(provider => Create(provider.GetService<ILockProvider>(), "AddRedlock(...)", change));
        if (services.Count > before)
        {
            services.AddSingleton<IDistributedLockProvider>(
                static provider => provider.GetRequiredService<RedlockDistributedLockProvider>());
        }

        return services;
    }

    /// <summary>The same for one of several quorums: it is injected by the key of its quorum.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="key">The service key that <c>AddKeyedRedlock</c> was given.</param>
    /// <param name="change">Gives the options of these locks, made from the quorum's defaults; none if <c>null</c>.</param>
    public static IServiceCollection AddKeyedDistributedLockProvider(
        this IServiceCollection services, string key, Func<MutexOptions, MutexOptions>? change = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(key);
        int before = services.Count;
        services.TryAddKeyedSingleton(
            key,
            (provider, name) => Create(provider.GetKeyedService<ILockProvider>(name), $"AddKeyedRedlock(\"{name}\", ...)", change));
        if (services.Count > before)
        {
            services.AddKeyedSingleton<IDistributedLockProvider>(
                key, static (provider, name) => provider.GetRequiredKeyedService<RedlockDistributedLockProvider>(name));
        }

        return services;
    }

    private static RedlockDistributedLockProvider Create(
        ILockProvider? locks, string registration, Func<MutexOptions, MutexOptions>? change) =>
        locks is null
            ? throw new InvalidOperationException(
                $"There is no quorum to lock on: register one with services.{registration}, where the provider is registered.")
            : new RedlockDistributedLockProvider(locks, change);
}
