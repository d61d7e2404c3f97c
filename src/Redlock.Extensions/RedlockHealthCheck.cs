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

    /// <summary>Checks the nodes of a factory.</summary>
    /// <param name="factory">Whose nodes are asked; it stays the caller's.</param>
    public RedlockHealthCheck(RedlockFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        _factory = factory;
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
        return Judge(context.Registration.FailureStatus, nodes);
    }

    private static HealthCheckResult Judge(HealthStatus failure, NodeHealth[] nodes)
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

        int quorum = RedlockFactory.Quorum(nodes.Length);
        string description = string.Create(CultureInfo.InvariantCulture, $"{answering} of {nodes.Length} nodes answer; a quorum is {quorum}. {string.Join("; ", concerns)}").TrimEnd();
        HealthStatus status = answering < quorum ? failure : concerns.Count > 0 ? HealthStatus.Degraded : HealthStatus.Healthy;
        return new HealthCheckResult(status, description, exception: null, data);
    }
}
