using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>
/// Takes, extends and releases a lock on every node of a quorum, by a key of the locks' own prefix that nobody has. Healthy: all nodes
/// grant it and none gives cause for concern. Degraded: a quorum grants it, or would if this process did not ask it for so much. Else it is
/// what the registration says for a failure. A node whose votes do not count, the twin of another or one in quarantine, grants none. The
/// text also counts nodes that do not say which server they are, and names those that restarted while locks were held; these alone do not
/// change the status. The data has a <see cref="NodeHealth"/> for each node, under its name.
/// </summary>
/// <remarks>
/// It needs the permissions that a lock needs and no others; where TIME and INFO are permitted too, it tells the clock, the role and the
/// eviction policy, and does not count replicas. It takes 2 s at most, less if the host's token ends it, and judges by what has come until
/// then; once the nodes that answered decide, it waits for the others no longer than 250 ms.
/// </remarks>
public sealed class RedlockHealthCheck : IHealthCheck
{
    // A page that asks often must not wait long for a node that is away.
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(2);

    // From another continent an answer comes within this; what comes later could only tell a degraded quorum from a healthy one.
    private static readonly TimeSpan _grace = TimeSpan.FromMilliseconds(250);

    private readonly RedlockFactory _factory;
    private readonly int _quorum;
    private readonly string _prefix;

    /// <summary>
    /// Checks the nodes of a factory whose mutexes have no options that matter here: no prefix, and a quorum of more than half.
    /// </summary>
    /// <param name="factory">Whose nodes are asked; it stays the caller's.</param>
    public RedlockHealthCheck(RedlockFactory factory)
        : this(factory, MutexOptions.Blocking)
    {
    }

    /// <summary>Checks the nodes of a factory as its mutexes use them.</summary>
    /// <param name="factory">Whose nodes are asked; it stays the caller's.</param>
    /// <param name="options">
    /// What its mutexes are made with: <see cref="MutexOptions.Quorum"/> and <see cref="MutexOptions.KeyPrefix"/> count here.
    /// </param>
    public RedlockHealthCheck(RedlockFactory factory, MutexOptions options)
    {
        ArgumentNullException.ThrowIfNull(factory);
        ArgumentNullException.ThrowIfNull(options);
        int quorum = options.Quorum ?? RedlockFactory.Quorum(factory.Nodes.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(quorum, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quorum, factory.Nodes.Count, nameof(options));
        _factory = factory;
        _quorum = quorum;
        _prefix = options.KeyPrefix;
    }

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        cancellationToken.ThrowIfCancellationRequested();
        NodeProbe[] probes = new NodeProbe[_factory.Nodes.Count];
        for (int node = 0; node < probes.Length; node++)
        {
            probes[node] = NodeProbe.Ask(_factory.Nodes[node], _prefix, _limit);
        }

        await WaitAsync(probes, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<NodeBelief> beliefs = _factory.Beliefs;
        NodeHealth[] nodes = new NodeHealth[probes.Length];
        for (int node = 0; node < nodes.Length; node++)
        {
            nodes[node] = NodeCredit.Of(probes[node].Told(), beliefs[node]);
        }

        return Judge(context.Registration.FailureStatus, _quorum, nodes);
    }

    /// <summary>
    /// Until all has come, or enough has and the rest had its chance, or the time is up: the host's token ends the wait, and not the check.
    /// </summary>
    private async Task WaitAsync(NodeProbe[] probes, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_limit);
        long start = TimeProvider.System.GetTimestamp();
        bool isDecided = false;
        try
        {
            IAsyncEnumerable<Task> answered = Task.WhenEach(Array.ConvertAll(probes, static probe => probe.AllAnswered));
            await foreach (Task _ in answered.WithCancellation(limit.Token).ConfigureAwait(false))
            {
                if (!isDecided && IsDecided(probes))
                {
                    isDecided = true;
                    TimeSpan left = _limit - TimeProvider.System.GetElapsedTime(start);
                    limit.CancelAfter(left < _grace ? TimeSpan.FromTicks(Math.Max(0, left.Ticks)) : _grace);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // What has come by now is judged.
        }
    }

    private bool IsDecided(NodeProbe[] probes)
    {
        int ready = 0;
        int open = 0;
        foreach (NodeProbe probe in probes)
        {
            bool isReady = probe.Told().Readiness == NodeReadiness.Ready;
            ready += isReady ? 1 : 0;
            open += isReady || probe.AllAnswered.IsCompleted ? 0 : 1;
        }

        return ready >= _quorum || ready + open < _quorum;
    }

    private static HealthCheckResult Judge(HealthStatus failure, int quorum, NodeHealth[] nodes)
    {
        Dictionary<string, object> data = new(StringComparer.Ordinal);
        List<string> concerns = [];
        int ready = 0;
        int busy = 0;
        foreach (NodeHealth node in nodes)
        {
            data[node.Node] = node;
            ready += node.Readiness == NodeReadiness.Ready ? 1 : 0;
            busy += node.Readiness == NodeReadiness.Busy ? 1 : 0;
            if (node.Concern is not null)
            {
                concerns.Add(node.ToString());
            }
        }

        List<string> told = [.. concerns, .. NodeCredit.HintsOf(nodes)];
        string description = string.Create(
            CultureInfo.InvariantCulture,
            $"{ready} of {nodes.Length} nodes grant locks; a quorum is {quorum}. {string.Join("; ", told)}").TrimEnd();

        // Whoever restarts a service that asks too much would only have it ask again.
        HealthStatus status = ready < quorum && ready + busy < quorum ? failure
            : ready < quorum || concerns.Count > 0 ? HealthStatus.Degraded
            : HealthStatus.Healthy;
        return new HealthCheckResult(status, description, exception: null, data);
    }
}
