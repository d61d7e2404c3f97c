using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Redlock.Fast;
using Redlock.Fast.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers elections of a leader among the instances of a service.</summary>
public static class LeaderElectionServiceCollectionExtensions
{
    /// <summary>
    /// Call it behind <c>AddRedlock</c>: this instance competes for the leadership while the host runs. Whoever wants to know has an
    /// <see cref="ILeaderElection"/> injected, by the name as its key, or without a key where there is one election only.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="name">What is led, and locked: the same for all instances that compete.</param>
    /// <param name="change">
    /// Gives the options of the lock, made from the quorum's defaults; none if <c>null</c>. The expiry bounds the hand-over after a crash;
    /// it is renewed at every third of the validity if the defaults do not say otherwise, and fenced: a term has a
    /// <see cref="LeaderTerm.FencingToken"/>.
    /// </param>
    /// <param name="quorum">The service key that <c>AddKeyedRedlock</c> was given, or <c>null</c> for the quorum without one.</param>
    /// <remarks>Registered twice, an election is one; the first registration's options hold.</remarks>
    /// <example>
    /// <code>
    /// builder.Services.AddRedlock(builder.Configuration.GetSection("Redlock"));
    /// builder.Services.AddLeaderElection("reports").AddHostedService&lt;Reports&gt;();
    /// </code>
    /// </example>
    public static IServiceCollection AddLeaderElection(
        this IServiceCollection services, string name, Func<MutexOptions, MutexOptions>? change = null, string? quorum = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        int before = services.Count;
        services.TryAddKeyedSingleton(name, (provider, _) => Create(provider, name, change, quorum));
        if (services.Count == before)
        {
            return services;
        }

        services.AddKeyedSingleton<ILeaderElection>(name, (provider, _) => provider.GetRequiredKeyedService<LeaderElection>(name));
        services.AddSingleton(new LeaderElectionName(name));
        services.TryAddSingleton(Only);

        // Before the services that work for it, so that it stops behind them.
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<LeaderElection>(name));
        return services;
    }

    private static LeaderElection Create(
        IServiceProvider provider, string name, Func<MutexOptions, MutexOptions>? change, string? quorum)
    {
        ILockProvider? locks = quorum is null ? provider.GetService<ILockProvider>() : provider.GetKeyedService<ILockProvider>(quorum);
        string registration = quorum is null ? "AddRedlock(...)" : $"AddKeyedRedlock(\"{quorum}\", ...)";
        return locks is null
            ? throw new InvalidOperationException(
                $"There is no quorum to elect a leader on: register one with services.{registration}, where the election is registered.")
            : new LeaderElection(
                name,
                locks,
                change,
                (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger<ILeaderElection>());
    }

    private static ILeaderElection Only(IServiceProvider provider)
    {
        List<string> names = [];
        foreach (LeaderElectionName registered in provider.GetServices<LeaderElectionName>())
        {
            names.Add(registered.Name);
        }

        return names.Count == 1
            ? provider.GetRequiredKeyedService<ILeaderElection>(names[0])
            : throw new InvalidOperationException(
                $"There are {names.Count} elections ({string.Join(", ", names)}): have one injected by its name, with "
                    + $"[FromKeyedServices(\"{names[0]}\")].");
    }

    /// <summary>What is registered, in the order in which it was.</summary>
    private sealed record LeaderElectionName(string Name);
}
