using Microsoft.Extensions.Diagnostics.HealthChecks;
using Redlock.Fast;
using Redlock.Fast.Extensions;
using Redlock.Fast.Resp;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers health checks of quorums.</summary>
public static class RedlockHealthChecksBuilderExtensions
{
    /// <summary>Call it behind <c>AddRedlock</c> of the services: checks a registered quorum.</summary>
    /// <param name="builder">The health checks of the host.</param>
    /// <param name="key">The service key of the quorum, or <c>null</c> for the one without.</param>
    /// <param name="name">What the check is called; <c>redlock</c>, followed by the key if there is one, if <c>null</c>.</param>
    /// <param name="failureStatus">What a lost quorum is; <see cref="HealthStatus.Unhealthy"/> if <c>null</c>.</param>
    /// <param name="tags">What the check can be chosen by, or <c>null</c>.</param>
    /// <param name="timeout">
    /// How long the check may take, if less than the 2 s that it takes at most: it then judges by what has come.
    /// </param>
    /// <example>
    /// <code>
    /// builder.Services.AddHealthChecks().AddRedlock(tags: ["ready"]);
    /// </code>
    /// </example>
    public static IHealthChecksBuilder AddRedlock(
        this IHealthChecksBuilder builder,
        string? key = null,
        string? name = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(RegistrationOf(key, name ?? NameOf(key), failureStatus, tags, timeout));
    }

    internal static string NameOf(string? key) => key is null ? "redlock" : $"redlock-{key}";

    internal static HealthCheckRegistration RegistrationOf(
        string? key, string name, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null, TimeSpan? timeout = null) => new(
        name,
        provider =>
        {
            LockProvider? locks = key is null ? provider.GetService<LockProvider>() : provider.GetKeyedService<LockProvider>(key);
            string registration = key is null ? "AddRedlock(...)" : $"AddKeyedRedlock(\"{PrintableText.OfName(key)}\", ...)";
            return locks is null
                ? throw new InvalidOperationException(
                    $"There is no quorum to check: register one with services.{registration}, where the health check is registered.")
                : new RedlockHealthCheck(locks.Factory, locks.Defaults);
        },
        failureStatus,
        tags,
        timeout);
}
