using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Redlock.Fast.Extensions;

/// <summary>Registers quorums of Redis nodes in a host.</summary>
/// <remarks>
/// Each registration gives a <see cref="LockProvider"/> and a <see cref="RedlockFactory"/>, keyed if a key is given. They connect when the
/// host starts, and end with the container.
/// </remarks>
public static class RedlockServiceCollectionExtensions
{
    /// <summary>Registers a quorum that code describes.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Names the nodes, and what else there is to say.</param>
    public static IServiceCollection AddRedlock(this IServiceCollection services, Action<RedlockServiceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Options(services, Microsoft.Extensions.Options.Options.DefaultName).Configure(configure);
        services.TryAddSingleton(static provider => Create(provider, Microsoft.Extensions.Options.Options.DefaultName));
        services.TryAddSingleton(static provider => provider.GetRequiredService<LockProvider>().Factory);
        services.AddSingleton<IHostedService>(static provider => new QuorumStart(provider.GetRequiredService<LockProvider>()));
        return services;
    }

    /// <summary>Registers a quorum that a section of the configuration describes.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="section">Such as <c>configuration.GetSection("Redlock")</c>, with <c>Nodes</c> and <c>Defaults</c> in it.</param>
    public static IServiceCollection AddRedlock(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddRedlock(options => section.Bind(options));
    }

    /// <summary>Registers one of several quorums, told apart by a key.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="key">The service key, and the name of its options.</param>
    /// <param name="configure">Names the nodes, and what else there is to say.</param>
    public static IServiceCollection AddKeyedRedlock(this IServiceCollection services, string key, Action<RedlockServiceOptions> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(configure);
        Options(services, key).Configure(configure);
        services.TryAddKeyedSingleton(key, static (provider, name) => Create(provider, (string)name!));
        services.TryAddKeyedSingleton(key, static (provider, name) => provider.GetRequiredKeyedService<LockProvider>(name).Factory);
        services.AddSingleton<IHostedService>(provider => new QuorumStart(provider.GetRequiredKeyedService<LockProvider>(key)));
        return services;
    }

    /// <summary>Registers one of several quorums, described by a section of the configuration.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="key">The service key, and the name of its options.</param>
    /// <param name="section">Such as <c>configuration.GetSection("Redlock:Billing")</c>, with <c>Nodes</c> and <c>Defaults</c> in it.</param>
    public static IServiceCollection AddKeyedRedlock(this IServiceCollection services, string key, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddKeyedRedlock(key, options => section.Bind(options));
    }

    private static OptionsBuilder<RedlockServiceOptions> Options(IServiceCollection services, string name)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RedlockServiceOptions>, RedlockServiceOptionsValidator>());
        return services.AddOptions<RedlockServiceOptions>(name).ValidateOnStart();
    }

    private static LockProvider Create(IServiceProvider provider, string name) => new(
        provider.GetRequiredService<IOptionsMonitor<RedlockServiceOptions>>().Get(name),
        (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger<LockProvider>());
}
