using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>Servers of one test alone, which may stop, pause or restart them.</summary>
internal sealed class OwnServers : IDisposable
{
    private readonly TempRedis[] _servers;

    private OwnServers(TempRedis[] servers) => _servers = servers;

    public TempRedis this[int server] => _servers[server];

    public static async Task<OwnServers> StartAsync(int count, TempRedisOptions? options = null)
    {
        InstalledRedis.Require();
        return new OwnServers(await Task.WhenAll(
            Enumerable.Range(0, count).Select(_ => TempRedis.StartAsync(options, TestContext.Current.CancellationToken))));
    }

    public RedlockFactory Connect() => RedlockFactory.Create(_servers.Select(server => server.Endpoint));

    /// <summary>Connects, and waits until every node is there.</summary>
    public async Task<RedlockFactory> ConnectAllAsync()
    {
        RedlockFactory factory = Connect();
        await Inspection.AllConnectedAsync(factory);
        return factory;
    }

    public void Dispose()
    {
        foreach (TempRedis server in _servers)
        {
            server.Dispose();
        }
    }
}
