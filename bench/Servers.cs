using Redlock.Fast.Testing;

namespace Redlock.Fast.Bench;

/// <summary>A set of redis-server processes of its own.</summary>
internal sealed class Servers : IAsyncDisposable
{
    private readonly List<TempRedis> _servers = [];

    private Servers()
    {
    }

    public TempRedis this[int index] => _servers[index];

    public static async Task<Servers> StartAsync(int count)
    {
        Servers servers = new();
        for (int started = 0; started < count; started++)
        {
            servers._servers.Add(await TempRedis.StartAsync());
        }

        return servers;
    }

    public string[] Endpoints(string transport, int count) =>
        [.. _servers.Take(count).Select(server => transport == "unix" ? server.UnixEndpoint : server.Endpoint)];

    public async ValueTask DisposeAsync()
    {
        foreach (TempRedis server in _servers)
        {
            await server.DisposeAsync();
        }
    }
}
