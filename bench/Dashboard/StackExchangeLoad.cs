using StackExchange.Redis;

namespace Redlock.Fast.Bench;

/// <summary>The same load on StackExchange.Redis' LockTake and LockRelease.</summary>
internal sealed class StackExchangeLoad : IDisposable
{
    private readonly ConnectionMultiplexer _connection;

    private StackExchangeLoad(ConnectionMultiplexer connection) => _connection = connection;

    public static async Task<StackExchangeLoad> ConnectAsync(string endpoint) => new(await ConnectionMultiplexer.ConnectAsync(endpoint));

    public async Task<double> RunAsync(int inFlight, int cycles)
    {
        int each = Math.Max(1, cycles / inFlight);
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(index => Task.Run(() => LoopAsync($"peer-{index:0000}", each))));
        return (double)each * inFlight;
    }

    public void Dispose() => _connection.Dispose();

    public async Task RunOnceAsync(string name)
    {
        IDatabase database = _connection.GetDatabase();
        RedisValue owner = Guid.NewGuid().ToByteArray();
        if (!await database.LockTakeAsync(name, owner, TimeSpan.FromSeconds(8)))
        {
            throw new InvalidOperationException($"{name} was not taken");
        }

        await database.LockReleaseAsync(name, owner);
    }

    private async Task LoopAsync(string name, int cycles)
    {
        for (int cycle = 0; cycle < cycles; cycle++)
        {
            await RunOnceAsync(name);
        }
    }
}
