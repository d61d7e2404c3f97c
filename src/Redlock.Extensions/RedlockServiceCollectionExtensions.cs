using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Redlock.Fast;
using Redlock.Fast.Extensions;
using Redlock.Fast.Resp;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers quorums of Redis nodes in a host.</summary>
/// <remarks>
/// Each registration gives an <see cref="ILockProvider"/> to inject, the <see cref="LockProvider"/> that it is, and its
/// <see cref="RedlockFactory"/>, keyed if a key is given. They connect when the host starts, and end with the container, after everything
/// that was given one of them: a container that is disposed asynchronously, as a host's is, waits until releases under way have reached
/// every node. Two registrations of one key are one quorum, configured by both.
/// </remarks>
public static class RedlockServiceCollectionExtensions
{
    /// <summary>
    /// Call it where services are registered, for a quorum that code describes: an <see cref="ILockProvider"/> can be injected from then
    /// on.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Names the nodes, and what else there is to say.</param>
    /// <example>
    /// <code>
    /// services.AddRedlock(options =&gt;
    /// {
    ///     options.Nodes.Add("redis-1:6379");
    ///     options.Defaults.KeyPrefix = "shop:";
    /// });
    /// </code>
    /// </example>
    public static IServiceCollection AddRedlock(this IServiceCollection services, Action<RedlockServiceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Options(services, Microsoft.Extensions.Options.Options.DefaultName).Configure(configure);
        services.TryAddSingleton(static provider => CreateFactory(provider, key: null));
        int before = services.Count;
        services.TryAddSingleton(static provider => CreateProvider(provider, key: null));
        if (services.Count > before)
        {
            services.AddSingleton<ILockProvider>(static provider => ProviderOf(provider, key: null));
            services.AddSingleton<IHostedService>(static provider => CreateStart(provider, key: null));
        }

        return services;
    }

    /// <summary>Call it where services are registered, for a quorum that a section of the configuration describes.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="section">Such as <c>configuration.GetSection("Redlock")</c>, with <c>Nodes</c> and <c>Defaults</c> in it.</param>
    /// <example>
    /// <code>
    /// builder.Services.AddRedlock(builder.Configuration.GetSection("Redlock"));
    /// </code>
    /// </example>
    public static IServiceCollection AddRedlock(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddRedlock(options => RedlockSettings.Read(section, options));
    }

    /// <summary>Call it once for each of several quorums, told apart by a key.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="key">The service key, and the name of its options.</param>
    /// <param name="configure">Names the nodes, and what else there is to say.</param>
    public static IServiceCollection AddKeyedRedlock(this IServiceCollection services, string key, Action<RedlockServiceOptions> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(configure);
        Options(services, key).Configure(configure);
        services.TryAddKeyedSingleton(key, static (provider, name) => CreateFactory(provider, (string)name!));
        int before = services.Count;
        services.TryAddKeyedSingleton(key, static (provider, name) => CreateProvider(provider, (string)name!));
        if (services.Count > before)
        {
            services.AddKeyedSingleton<ILockProvider>(key, static (provider, name) => ProviderOf(provider, (string)name!));
            services.AddSingleton<IHostedService>(provider => CreateStart(provider, key));
        }

        return services;
    }

    /// <summary>Call it once for each of several quorums, described by a section of the configuration each.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="key">The service key, and the name of its options.</param>
    /// <param name="section">
    /// Such as <c>configuration.GetSection("Redlock:Billing")</c>, with <c>Nodes</c> and <c>Defaults</c> in it.
    /// </param>
    /// <example>
    /// <code>
    /// builder.Services.AddKeyedRedlock("Billing", builder.Configuration.GetSection("Redlock:Billing"));
    /// </code>
    /// </example>
    public static IServiceCollection AddKeyedRedlock(this IServiceCollection services, string key, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddKeyedRedlock(key, options => RedlockSettings.Read(section, options));
    }

    private static OptionsBuilder<RedlockServiceOptions> Options(IServiceCollection services, string name)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RedlockServiceOptions>, RedlockServiceOptionsValidator>());
        return services.AddOptions<RedlockServiceOptions>(name).ValidateOnStart();
    }

    // The container owns the factory itself and nothing else: it is disposed after all who use it, and its releases are waited for.
    private static RedlockFactory CreateFactory(IServiceProvider provider, string? key)
    {
        RedlockServiceOptions options = OptionsOf(provider, key);
        RedlockFactory factory = RedlockFactory.Create(
            new RedlockOptions
            {
                Node = options.ToNodeOptions(),
                Defaults = options.Defaults.ToMutexOptions(),
                StopTimeLimit = options.StopTimeLimit,
                KeptAtStop = options.KeptAtStop,
                RestartQuarantine = options.RestartQuarantine,
                Wakes = options.Wakes,
                Observer = new LockLog(LoggerOf(provider), LabelOf(key)),
            },
            options.Nodes);
        FactoryLog.Attach(factory, LoggerOf(provider), LabelOf(key));
        return factory;
    }

    private static LockProvider CreateProvider(IServiceProvider provider, string? key) => new(
        key is null ? provider.GetRequiredService<RedlockFactory>() : provider.GetRequiredKeyedService<RedlockFactory>(key),
        OptionsOf(provider, key).Defaults.ToMutexOptions());

    private static QuorumStart CreateStart(IServiceProvider provider, string? key) => new(
        ProviderOf(provider, key), OptionsOf(provider, key).StartTimeLimit, LabelOf(key), LoggerOf(provider));

    internal static LockProvider ProviderOf(IServiceProvider provider, string? key) =>
        key is null ? provider.GetRequiredService<LockProvider>() : provider.GetRequiredKeyedService<LockProvider>(key);

    internal static string LabelOf(string? key) => string.IsNullOrEmpty(key) ? "Redlock" : $"Redlock '{PrintableText.OfName(key)}'";

    private static RedlockServiceOptions OptionsOf(IServiceProvider provider, string? key) =>
        provider.GetRequiredService<IOptionsMonitor<RedlockServiceOptions>>().Get(key ?? Microsoft.Extensions.Options.Options.DefaultName);

    private static ILogger LoggerOf(IServiceProvider provider) =>
        (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger<LockProvider>();
}
