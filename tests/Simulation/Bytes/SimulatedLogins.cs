using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Simulation;

/// <summary>Gives credentials that live for a few expiries; until the world heals they may come late, or ended, or not at all.</summary>
internal sealed class SimulatedLogins(World world, SimulatedClient client, SeededRandom random)
{
    private const string Prefix = "until:";

    // Below it more time would be left for renewals than the pauses between two of them take.
    private const int LeastExpiries = 3;

    // What clocks may drift apart: a node is not stricter than the client's clock is wrong.
    private const double Drift = 1.1;

    private static readonly TimeSpan _leastLife = TimeSpan.FromSeconds(1);

    /// <summary>For how long a call may last.</summary>
    public static TimeSpan LongestCall(SimulationPlan plan) => plan.Expiry + TimeSpan.FromTicks(plan.Latency / TimeSpan.NanosecondsPerTick);

    /// <summary>When a password ends, in true time; those that never change have no end.</summary>
    public static long EndOf(string password) => password.StartsWith(Prefix, StringComparison.Ordinal)
        ? long.Parse(password.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture)
        : long.MaxValue;

    public ValueTask<RespCredentials> GiveAsync(string node, CancellationToken cancellationToken)
    {
        bool isTroubled = world.IsOn(Fault.ExpiringLogins);
        world.Note(client.Name, "asks for credentials", node);
        if (isTroubled && random.Chance(0.2))
        {
            throw new IOException("no token");
        }

        long longest = isTroubled && random.Chance(0.2) ? world.Plan.ExpiryNanoseconds : world.Plan.Latency;
        bool isStale = isTroubled && random.Chance(0.1);
        TaskCompletionSource<RespCredentials> given = new();
        client.Post(world.Now + random.Below(longest), () => given.TrySetResult(Draw(isStale)));
        cancellationToken.UnsafeRegister(
            _ => client.Post(world.Now + client.Hop(), () => given.TrySetCanceled(cancellationToken)), null);
        return new ValueTask<RespCredentials>(given.Task);
    }

    private RespCredentials Draw(bool isStale)
    {
        TimeSpan life = world.Plan.Expiry * (LeastExpiries + random.Below(LeastExpiries));
        life = isStale ? TimeSpan.Zero : life < _leastLife ? _leastLife : life;
        long end = world.Now + (long)(life.Ticks * TimeSpan.NanosecondsPerTick * Drift);
        string password = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{end}");
        return new RespCredentials("simulated", password, client.Time.GetUtcNow() + life);
    }
}
