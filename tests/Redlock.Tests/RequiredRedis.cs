using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>Skips a test that needs a real server where none is installed, except where its absence is itself a fault.</summary>
internal static class RequiredRedis
{
    public static void OrSkip()
    {
        if (TempRedis.IsAvailable(out string reason))
        {
            return;
        }

        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail(reason);
        }

        Assert.Skip(reason);
    }

    /// <summary>Starts servers for one test alone, which may stop, pause or restart them.</summary>
    public static async Task<OwnServers> StartAsync(int count, TempRedisOptions? options = null)
    {
        OrSkip();
        return new OwnServers(await Task.WhenAll(
            Enumerable.Range(0, count).Select(_ => TempRedis.StartAsync(options, TestContext.Current.CancellationToken))));
    }
}

/// <summary>Servers that one test owns.</summary>
internal sealed class OwnServers(TempRedis[] servers) : IDisposable
{
    public TempRedis this[int server] => servers[server];

    public RedlockFactory Connect() => RedlockFactory.Create(servers.Select(server => server.Endpoint));

    /// <summary>Connects, and waits until every node is there.</summary>
    public async Task<RedlockFactory> ConnectAllAsync()
    {
        RedlockFactory factory = Connect();
        await Inspection.AllConnectedAsync(factory);
        return factory;
    }

    public void Dispose()
    {
        foreach (TempRedis server in servers)
        {
            server.Dispose();
        }
    }
}
