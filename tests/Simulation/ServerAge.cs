namespace Redlock.Fast.Simulation;

/// <summary>What a server says of itself in the handshake of a connection.</summary>
/// <param name="RunId">Another one after each restart.</param>
/// <param name="UptimeSeconds">One whole second of its clock less another: up to a second less or more than the truth.</param>
internal sealed record ServerAge(string RunId, long UptimeSeconds)
{
    /// <summary>How long it has been up at least.</summary>
    public TimeSpan LeastUptime => TimeSpan.FromSeconds(Math.Max(0, UptimeSeconds - 1));
}
