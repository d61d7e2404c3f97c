using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>What must be true when all faults are over and all clients have ended.</summary>
internal static class Healing
{
    // The longest lease a client that was stopped can have left, and the time that a busy machine takes to answer.
    private static readonly TimeSpan _limit = HotNames.LongestExpiry + TimeSpan.FromSeconds(10);

    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Takes and releases every name, then looks for keys left behind; gives what is wrong, for people.</summary>
    public static async Task<List<string>> CheckAsync(IReadOnlyList<TargetNode> nodes, int names, CancellationToken cancellationToken)
    {
        List<string> wrong = [];
        await using RedlockFactory factory = RedlockFactory.Create(nodes.Select(node => node.Endpoint));
        foreach (RespChannel node in factory.Nodes)
        {
            await node.WaitUntilConnectedAsync(cancellationToken).WaitAsync(_limit, cancellationToken);
        }

        foreach (string name in Enumerable.Range(0, names).Select(HotNames.Of).Append(HotNames.Line))
        {
            RedlockMutex mutex = factory.CreateMutex(name, MutexOptions.Blocking with
            {
                // Taken on all nodes: a single one with a stale key would show.
                Quorum = nodes.Count,
                NodeTimeLimit = TimeSpan.FromSeconds(1),
                Tries = (int)(_limit / _interval),
                Delay = _interval,
            });
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(_limit);
            try
            {
                await using LockHandle held = await mutex.LockAsync(limit.Token);
            }
            catch (Exception failure) when (failure is LockFailedException or OperationCanceledException)
            {
                wrong.Add($"'{mutex.Name}' could not be taken on all nodes within {_limit.TotalSeconds} s after the last fault: "
                    + $"{string.Join("; ", mutex.LastAttemptByAnyone)}");
            }
        }

        for (int node = 0; node < nodes.Count; node++)
        {
            await CheckEmptyAsync((RespNode)factory.Nodes[node], wrong, cancellationToken);
        }

        return wrong;
    }

    private static async Task CheckEmptyAsync(RespNode node, List<string> wrong, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            RespValue keys = await node.SendAsync(["KEYS", "*"], cancellationToken);
            if (keys.Type == RespType.Array && keys.Items.Count == 0)
            {
                return;
            }

            if (TimeProvider.System.GetElapsedTime(start) > _limit)
            {
                wrong.Add($"{node.Name} still holds keys {_limit.TotalSeconds} s after the last client ended: {keys}");
                return;
            }

            await Task.Delay(_interval, cancellationToken);
        }
    }
}
