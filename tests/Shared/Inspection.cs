using Redlock.Fast.Resp;

namespace Redlock.Fast.SharedTests;

/// <summary>What really is on the nodes of a factory, asked on its own connections: so behind everything that it has sent.</summary>
internal static class Inspection
{
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
        limit.CancelAfter(Eventually.Patience);
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
    public static Task CaughtUpAsync(RespNode node) => Eventually.Holds(
        async () =>
        {
            try
            {
                return (await node.SendAsync("PING")).AsString() == "PONG";
            }
            catch (RespRequestException)
            {
                return false;
            }
        },
        $"{node} answers");
}
