using StackExchange.Redis;

namespace Redlock.Fast.Bench;

/// <summary>A connection of StackExchange.Redis to each of several servers, as the libraries over it want them.</summary>
internal sealed class Multiplexers : IAsyncDisposable
{
    private readonly ConnectionMultiplexer[] _connections;

    private Multiplexers(ConnectionMultiplexer[] connections) => _connections = connections;

    /// <summary>The connections.</summary>
    public IReadOnlyList<ConnectionMultiplexer> All => _connections;

    /// <summary>Connects to each.</summary>
    /// <param name="endpoints">The servers.</param>
    public static async Task<Multiplexers> ConnectAsync(string[] endpoints) =>
        new(await Task.WhenAll(endpoints.Select(endpoint => ConnectionMultiplexer.ConnectAsync(endpoint))));

    /// <summary>Ends them.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (ConnectionMultiplexer connection in _connections)
        {
            await connection.DisposeAsync();
        }
    }
}
