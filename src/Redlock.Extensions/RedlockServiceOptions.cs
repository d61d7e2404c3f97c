using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>One quorum of nodes as a host registers it: from code, or bound from a configuration section.</summary>
/// <remarks>Checked when the host starts; every message names the setting.</remarks>
public sealed class RedlockServiceOptions
{
    private Func<RespNodeOptions, RespNodeOptions> _changeNode = static node => node;

    /// <summary>1 to 31 endpoints, in any form that <see cref="RedisEndpoint"/> parses.</summary>
    public IList<string> Nodes { get; } = [];

    /// <summary>The user of all nodes whose endpoint has no login of its own, or <c>null</c>; set with a password only.</summary>
    public string? User { get; set; }

    /// <summary>
    /// The password of all nodes whose endpoint has no login of its own, or <c>null</c>. Line breaks at its end are left out. It appears in
    /// no message.
    /// </summary>
    public string? Password { get; set; }

    /// <summary>What CLIENT LIST calls the connections, or <c>null</c> for the library's own name.</summary>
    public string? ClientName { get; set; }

    /// <summary>How mutexes behave unless they are told otherwise.</summary>
    public RedlockDefaults Defaults { get; set; } = new();

    /// <summary>
    /// How long the start of the host waits for a quorum; zero, the default, does not wait. When it is over, the start goes on with a
    /// warning.
    /// </summary>
    public TimeSpan StartTimeLimit { get; set; }

    /// <summary>
    /// How long the end of the host waits until releases have reached every node, those of locks that are still kept included; 500 ms by
    /// default.
    /// </summary>
    public TimeSpan StopTimeLimit { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc cref="RedlockOptions.RestartQuarantine"/>
    public TimeSpan RestartQuarantine { get; set; }

    /// <inheritdoc cref="RedlockOptions.KeptAtStop"/>
    public KeptAtStop KeptAtStop { get; set; }

    /// <inheritdoc cref="RedlockOptions.Wakes"/>
    public bool Wakes { get; set; } = true;

    /// <summary>Whether <c>builder.AddRedlock</c> leaves the health check out; false by default.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>
    /// Whether <c>builder.AddRedlock</c> leaves the spans out of what OpenTelemetry traces; false by default. They are those of the
    /// process, and there as long as any of its quorums wants them.
    /// </summary>
    public bool DisableTracing { get; set; }

    /// <summary>The same for the meters.</summary>
    public bool DisableMetrics { get; set; }

    /// <summary>Sets from code what has no setting here: what TLS trusts, the database, limits of the connections.</summary>
    /// <param name="change">
    /// Gives the options of every node: <c>node => node with { Tls = trust }</c>. Called more than once, each builds on the one before.
    /// </param>
    /// <returns>This, for the next call.</returns>
    public RedlockServiceOptions ConfigureNodes(Func<RespNodeOptions, RespNodeOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        Func<RespNodeOptions, RespNodeOptions> before = _changeNode;
        _changeNode = node => change(before(node));
        return this;
    }

    /// <summary>What the configuration said that can't be used.</summary>
    internal List<string> Problems { get; } = [];

    /// <summary>
    /// The names of the connection strings that the nodes were read from, a node each; empty if the nodes stand under <c>Nodes</c>.
    /// </summary>
    internal List<string> ConnectionNames { get; } = [];

    /// <summary>Where in the configuration they stand, or <c>null</c> for options from code.</summary>
    internal string? Path { get; set; }

    // A file that keeps a secret ends in a line break.
    internal RespNodeOptions ToNodeOptions()
    {
        RespNodeOptions options = new() { User = User?.TrimEnd('\r', '\n'), Password = Password?.TrimEnd('\r', '\n') };
        return _changeNode(ClientName is null ? options : options with { ClientName = ClientName });
    }
}
