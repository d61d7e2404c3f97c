using System.Runtime.CompilerServices;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Bench;

/// <summary>This library.</summary>
internal sealed class OwnClient : LockClient, IWaitingClient
{
    private readonly RespNode[] _nodes;
    private readonly RedlockFactory _factory;

    private OwnClient(string name, string settings, RespNode[] nodes)
        : base(name, settings)
    {
        _nodes = nodes;
        _factory = new RedlockFactory(nodes);
    }

    /// <summary>Connects as it does by default.</summary>
    /// <param name="endpoints">The nodes.</param>
    public static Task<OwnClient> ConnectAsync(string[] endpoints) => ConnectAsync(
        "redlock_fast",
        $"{Library(typeof(RedlockFactory))}: an expiry of {Expiry.TotalSeconds:0} s, one try",
        [.. endpoints.Select(endpoint => RespNode.Connect(endpoint))]);

    /// <summary>Connects over the sockets of Pipelines.Sockets.Unofficial.</summary>
    /// <param name="servers">The servers.</param>
    /// <param name="count">How many of them.</param>
    public static Task<OwnClient> ConnectOverPipelinesAsync(Servers servers, int count) => ConnectAsync(
        "pipelines_sockets",
        $"the same over {Library(typeof(Pipelines.Sockets.Unofficial.SocketConnection))}, with its own options",
        [.. Enumerable.Range(0, count).Select(node => new RespNode(PipelinesSockets.To(servers[node].Endpoint)))]);

    /// <inheritdoc/>
    public override LockCycle NewCycle(string name) => new Cycle(_factory.CreateMutex(name, MutexOptions.NonBlocking));

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> TakeAsync(string name) => await _factory.CreateMutex(name).LockAsync();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        foreach (RespNode node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    private static async Task<OwnClient> ConnectAsync(string name, string settings, RespNode[] nodes)
    {
        OwnClient client = new(name, settings, nodes);
        await client._factory.WaitUntilConnectedAsync(nodes.Length);
        return client;
    }

    private sealed class Cycle(RedlockMutex mutex) : LockCycle
    {
        // Pooled, so that the bytes are the library's and not those of a task of this program.
        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public override async ValueTask<bool> RunAsync()
        {
            LockResult result = await mutex.TryLockAsync();
            if (result.IsAcquired)
            {
                await mutex.UnlockAsync(result.Token);
            }

            return result.IsAcquired;
        }
    }
}
