using Redlock.Fast.Resp;

namespace Redlock.Fast.SharedTests;

/// <summary>What really is on the nodes of a factory, asked on its own connections: so behind everything that it has sent.</summary>
internal static class Inspection
{
    // Long enough for a machine that is busy with everything else; no test waits so long unless it fails.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan _lookInterval = TimeSpan.FromMilliseconds(5);

    public static string NewName() => $"test:{Guid.NewGuid():N}";

    /// <summary>A mutex that waits long for a node: a busy machine must not look like a dead one.</summary>
    public static RedlockMutex PatientMutex(this RedlockFactory factory, string name, MutexOptions? options = null)
    {
        options ??= MutexOptions.Blocking;
        return factory.CreateMutex(name, options with { NodeTimeLimit = options.NodeTimeLimit ?? options.Expiry / 2 });
    }

    public static RespNode Node(this RedlockFactory factory, int node) => (RespNode)factory.Nodes[node];

    public static async Task AllConnectedAsync(RedlockFactory factory)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        foreach (RespChannel node in factory.Nodes)
        {
            await node.WaitUntilConnectedAsync(limit.Token);
        }
    }

    /// <summary>What stands under a key on each node, <c>null</c> for nothing.</summary>
    public static async Task<IReadOnlyList<string?>> StoredAsync(this RedlockFactory factory, string key) =>
        Array.ConvertAll(await AskAllAsync(factory, "GET", key), reply => reply.AsString());

    /// <summary>The milliseconds that a key has left on each node.</summary>
    public static async Task<long[]> TimeToLiveAsync(this RedlockFactory factory, string key) =>
        Array.ConvertAll(await AskAllAsync(factory, "PTTL", key), reply => reply.Integer);

    public static async Task<RespValue[]> AskAllAsync(this RedlockFactory factory, params string[] command)
    {
        List<RespValue> replies = [];
        for (int node = 0; node < factory.Nodes.Count; node++)
        {
            RespValue reply = await factory.Node(node).SendAsync(command);
            Assert.False(reply.IsError, $"{command[0]}: {reply}");
            replies.Add(reply);
        }

        return [.. replies];
    }

    /// <summary>Waits until a node answers again, and so has worked off all that was sent to it before.</summary>
    public static Task CaughtUpAsync(RespNode node) => UntilAsync($"{node} answers", async () =>
    {
        try
        {
            return (await node.SendAsync("PING")).AsString() == "PONG";
        }
        catch (RespRequestException)
        {
            return false;
        }
    });

    public static Task UntilAsync(string condition, Func<bool> holds) => UntilAsync(condition, () => Task.FromResult(holds()));

    public static async Task UntilAsync(string condition, Func<Task<bool>> holds)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, $"Waited {Patience.TotalSeconds} s in vain until {condition}.");
            await Task.Delay(_lookInterval, TestContext.Current.CancellationToken);
        }
    }

    public static Task SoonAsync(this Task task) => task.WaitAsync(Patience, TestContext.Current.CancellationToken);

    /// <summary>Awaits what must end by itself, and fails in place of hanging.</summary>
    public static Task<T> SoonAsync<T>(this Task<T> pending) => pending.WaitAsync(Patience, TestContext.Current.CancellationToken);
}
