using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Redlock.Fast.Extensions;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers quorums of Redis nodes with all that a host wants of them, the nodes named by connection strings.</summary>
/// <remarks>
/// Beside what <c>services.AddRedlock</c> registers, these add the health check, and name the meters and spans to OpenTelemetry, unless
/// <c>DisableHealthChecks</c>, <c>DisableMetrics</c> or <c>DisableTracing</c> is set. Everything else is read from the section
/// <c>Redlock</c>, of a keyed quorum from <c>Redlock:key</c>, which may be missing. A connection string that is missing or is no endpoint
/// stops the start of the host, with the key to set.
/// </remarks>
public static class RedlockHostApplicationBuilderExtensions
{
    /// <summary>
    /// Call it where the host is built, with the names of connection strings: a quorum, its health check, and what OpenTelemetry is to
    /// export.
    /// </summary>
    /// <param name="builder">The host's.</param>
    /// <param name="connectionNames">
    /// The names of the nodes' connection strings, <c>ConnectionStrings:redis1</c> and so on, each in any form of an endpoint; none for the
    /// <c>Nodes</c> of the section.
    /// </param>
    /// <example>
    /// <code>
    /// builder.AddRedlock("redis1", "redis2", "redis3");   // ConnectionStrings:redis1 and so on, with health check, meters and spans
    /// </code>
    /// </example>
    public static IHostApplicationBuilder AddRedlock(this IHostApplicationBuilder builder, params IEnumerable<string> connectionNames) =>
        builder.AddRedlock(static _ => { }, connectionNames);

    /// <inheritdoc cref="AddRedlock(IHostApplicationBuilder, IEnumerable{string})"/>
    /// <param name="builder">The host's.</param>
    /// <param name="configure">Changes what was read.</param>
    /// <param name="connectionNames">
    /// The names of the nodes' connection strings, <c>ConnectionStrings:redis1</c> and so on, each in any form of an endpoint; none for the
    /// <c>Nodes</c> of the section.
    /// </param>
    public static IHostApplicationBuilder AddRedlock(
        this IHostApplicationBuilder builder, Action<RedlockServiceOptions> configure, params IEnumerable<string> connectionNames)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        ConfiguredQuorum quorum = new(builder, key: null, connectionNames);
        builder.Services.AddRedlock(options => quorum.Configure(options, configure));
        quorum.AddObservation();
        return builder;
    }

    /// <summary>Registers one of several quorums: <c>builder.AddKeyedRedlock("Billing", "redis1", "redis2", "redis3")</c>.</summary>
    /// <param name="builder">The host's.</param>
    /// <param name="key">The service key, and the name of the section below <c>Redlock</c>.</param>
    /// <param name="connectionNames">
    /// The names of the nodes' connection strings, <c>ConnectionStrings:redis1</c> and so on, each in any form of an endpoint; none for the
    /// <c>Nodes</c> of the section.
    /// </param>
    public static IHostApplicationBuilder AddKeyedRedlock(
        this IHostApplicationBuilder builder, string key, params IEnumerable<string> connectionNames) =>
        builder.AddKeyedRedlock(key, static _ => { }, connectionNames);

    /// <inheritdoc cref="AddKeyedRedlock(IHostApplicationBuilder, string, IEnumerable{string})"/>
    /// <param name="builder">The host's.</param>
    /// <param name="key">The service key, and the name of the section below <c>Redlock</c>.</param>
    /// <param name="configure">Changes what was read.</param>
    /// <param name="connectionNames">
    /// The names of the nodes' connection strings, <c>ConnectionStrings:redis1</c> and so on, each in any form of an endpoint; none for the
    /// <c>Nodes</c> of the section.
    /// </param>
    public static IHostApplicationBuilder AddKeyedRedlock(
        this IHostApplicationBuilder builder,
        string key,
        Action<RedlockServiceOptions> configure,
        params IEnumerable<string> connectionNames)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(configure);
        ConfiguredQuorum quorum = new(builder, key, connectionNames);
        builder.Services.AddKeyedRedlock(key, options => quorum.Configure(options, configure));
        quorum.AddObservation();
        return builder;
    }
}
