using Redlock.Fast.Resp;

namespace Redlock.Fast.Quickstart;

/// <summary>Waits for a quorum, then lets the runtime compile what the next steps time.</summary>
internal static class Connect
{
    private const int WarmUpCycles = 300;
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);

    public static async Task<bool> RunAsync(RedlockFactory first, RedlockFactory second, string prefix, StepTable steps)
    {
        const string promise = "Two clients connect";
        steps.Begin();
        try
        {
            using CancellationTokenSource limit = new(_limit);
            await first.WaitUntilConnectedAsync(limit.Token);
            await second.WaitUntilConnectedAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            steps.End(promise, $"no quorum within {_limit.TotalSeconds} s\n{WhyNot(first)}", isKept: false);
            return false;
        }

        int nodes = first.Nodes.Count;
        steps.End(promise, $"a quorum is {RedlockFactory.Quorum(nodes)} of {nodes} nodes", isKept: true);

        RedlockMutex mutex = first.CreateMutex(prefix + "warm-up");
        for (int cycle = 0; cycle < WarmUpCycles; cycle++)
        {
            LockResult taken = await mutex.TryLockAsync();
            await mutex.ExtendAsync(taken.Token);
            await mutex.UnlockAsync(taken.Token);
        }

        return true;
    }

    private static string WhyNot(RedlockFactory factory)
    {
        List<string> lines = [];
        foreach (RespChannel channel in factory.Nodes)
        {
            if (channel is RespNode { IsConnected: false } node)
            {
                lines.Add(node.LastError ?? $"{node.Name}: no answer yet");
            }
        }

        return string.Join('\n', lines);
    }
}
