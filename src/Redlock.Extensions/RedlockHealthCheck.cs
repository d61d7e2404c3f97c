using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>
/// Asks every node of a quorum. Healthy: all answer and none gives cause for concern. Degraded: a quorum answers. Else it is what the registration
/// says for a failure. The data has a <see cref="NodeHealth"/> for each node, under its name.
/// </summary>
public sealed class RedlockHealthCheck : IHealthCheck
{
    // A page that asks often must not wait long for a node that is away.
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(2);

    private readonly RedlockFactory _factory;
    private readonly int _quorum;

    /// <summary>Checks the nodes of a factory, of which more than half must answer.</summary>
    /// <param name="factory">Whose nodes are asked; it stays the caller's.</param>
    public RedlockHealthCheck(RedlockFactory factory)
        : this(factory, RedlockFactory.Quorum((factory ?? throw new ArgumentNullException(nameof(factory))).Nodes.Count))
    {
    }

    /// <summary>Checks the nodes of a factory whose mutexes have a raised <see cref="MutexOptions.Quorum"/>.</summary>
    /// <param name="factory">Whose nodes are asked; it stays the caller's.</param>
    /// <param name="quorum">How many nodes must answer: 1 to all.</param>
    public RedlockHealthCheck(RedlockFactory factory, int quorum)
    {
        ArgumentNullException.ThrowIfNull(factory);
        ArgumentOutOfRangeException.ThrowIfLessThan(quorum, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quorum, factory.Nodes.Count);
        _factory = factory;
        _quorum = quorum;
    }

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_limit);
        List<Task<NodeHealth>> questions = [];
        foreach (RespChannel channel in _factory.Nodes)
        {
            // A channel of another kind can't be asked; it takes what it is given.
            questions.Add(channel is RespNode node
                ? NodeProbe.AskAsync(node, limit.Token)
                : Task.FromResult(new NodeHealth(channel.Name, null) { Answers = true }));
        }

        NodeHealth[] nodes = await Task.WhenAll(questions).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return Judge(context.Registration.FailureStatus, _quorum, nodes);
    }

    private static HealthCheckResult Judge(HealthStatus failure, int quorum, NodeHealth[] nodes)
    {
        Dictionary<string, object> data = new(StringComparer.Ordinal);
        List<string> concerns = [];
        int answering = 0;
        foreach (NodeHealth node in nodes)
        {
            data[node.Node] = node;
            answering += node.Answers ? 1 : 0;
            if (node.Concern is not null)
            {
                concerns.Add(node.ToString());
            }
        }

        string description = string.Create(CultureInfo.InvariantCulture, $"{answering} of {nodes.Length} nodes answer; a quorum is {quorum}. {string.Join("; ", concerns)}").TrimEnd();
        HealthStatus status = answering < quorum ? failure : concerns.Count > 0 ? HealthStatus.Degraded : HealthStatus.Healthy;
        return new HealthCheckResult(status, description, exception: null, data);
    }
}
