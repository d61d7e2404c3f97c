using Redlock.Fast.Testing;

[assembly: AssemblyFixture(typeof(Redlock.Fast.Tests.SharedNodes))]

namespace Redlock.Fast.Tests;

/// <summary>How a test reaches its nodes.</summary>
public enum Wire
{
    Tcp = 0,
    Unix,
}

/// <summary>
/// Plain nodes that all tests share: five servers started when the first test asks, in containers if REDLOCK_TEST_IMAGE names an
/// image, or those that REDLOCK_TEST_NODES names.
/// </summary>
/// <remarks>A test uses names of its own, and neither stops nor configures these nodes.</remarks>
public sealed class SharedNodes : IAsyncDisposable
{
    private const string NodesVariable = "REDLOCK_TEST_NODES";
    private const int Servers = 5;

    private readonly Lazy<Task<TempRedis[]>> _servers = new(
        () => Task.WhenAll(Enumerable.Range(0, Servers).Select(_ => TempRedis.StartAsync(cancellationToken: CancellationToken.None))));

    private readonly Lazy<Task<ServerContainer[]>> _containers = new(
        () => Task.WhenAll(Enumerable.Range(0, Servers).Select(_ => ServerContainer.StartAsync(ServerContainer.Image!))));

    /// <summary>A factory over so many nodes, all of them connected.</summary>
    public async Task<RedlockFactory> ConnectAsync(int nodes, Wire wire = Wire.Tcp, RedlockOptions? options = null)
    {
        RedlockFactory factory = RedlockFactory.Create(options ?? new RedlockOptions(), await EndpointsAsync(nodes, wire));
        await Inspection.AllConnectedAsync(factory);
        return factory;
    }

    public async Task<string[]> EndpointsAsync(int nodes, Wire wire = Wire.Tcp)
    {
        if (Environment.GetEnvironmentVariable(NodesVariable) is { Length: > 0 } given)
        {
            string[] endpoints = given.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            Assert.SkipWhen(wire == Wire.Unix, $"{NodesVariable} names nodes by TCP address only.");
            Assert.SkipWhen(endpoints.Length < nodes, $"{NodesVariable} names {endpoints.Length} nodes; this test needs {nodes}.");
            return endpoints[..nodes];
        }

        if (ServerContainer.Image is not null)
        {
            Assert.SkipWhen(wire == Wire.Unix, "Containers are reached over TCP only.");
            ServerContainer[] containers = await _containers.Value;
            return [.. containers.Take(nodes).Select(container => container.Endpoint)];
        }

        InstalledRedis.Require();
        TempRedis[] servers = await _servers.Value;
        return [.. servers.Take(nodes).Select(server => wire == Wire.Unix ? server.UnixEndpoint : server.Endpoint)];
    }

    public async ValueTask DisposeAsync()
    {
        if (_containers.IsValueCreated && _containers.Value.IsCompletedSuccessfully)
        {
            foreach (ServerContainer container in await _containers.Value)
            {
                container.Dispose();
            }
        }

        if (_servers.IsValueCreated)
        {
            foreach (TempRedis server in await _servers.Value)
            {
                await server.DisposeAsync();
            }
        }
    }
}
