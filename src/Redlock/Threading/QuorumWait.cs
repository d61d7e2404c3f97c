using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Waits for so many nodes to be connected as decide, for as long as that can still be.</summary>
internal static class QuorumWait
{
    public static async Task ForAsync(RespChannel[] nodes, int quorum, CancellationToken cancellationToken)
    {
        using CancellationTokenSource decided = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> waits = [];
        foreach (RespChannel node in nodes)
        {
            waits.Add(node.WaitUntilConnectedAsync(decided.Token));
        }

        int connected = 0;
        List<string> reasons = [];
        await foreach (Task wait in Task.WhenEach(waits).ConfigureAwait(false))
        {
            connected += wait.IsCompletedSuccessfully ? 1 : 0;
            if (wait.Exception is { InnerException: { } reason })
            {
                reasons.Add(reason.Message);
            }

            if (connected == quorum || nodes.Length - reasons.Count < quorum)
            {
                break;
            }
        }

        // The other waits end too, and whatever they throw is seen.
        await decided.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(waits).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connected < quorum)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new RespRequestException(
                RequestFailure.Misconfigured,
                $"{reasons.Count} of {nodes.Length} nodes can't be connected, so that {quorum} are not to be had: "
                + string.Join(' ', reasons));
        }
    }
}
