using StackExchange.Redis;

namespace Redlock.Fast.Bench;

/// <summary>StackExchange.Redis' LockTake and LockRelease, on one server: it knows no quorum.</summary>
internal sealed class StackExchangeClient : LockClient
{
    private readonly ConnectionMultiplexer _connection;

    private StackExchangeClient(ConnectionMultiplexer connection)
        : base(
            "stackexchange",
            $"{Library(typeof(ConnectionMultiplexer))} LockTake, LockRelease: an expiry of {Expiry.TotalSeconds:0} s as given, "
                + "a new value each time") =>
        _connection = connection;

    /// <summary>Connects as it does by default.</summary>
    /// <param name="endpoint">The server.</param>
    public static async Task<StackExchangeClient> ConnectAsync(string endpoint) => new(await ConnectionMultiplexer.ConnectAsync(endpoint));

    /// <inheritdoc/>
    public override LockCycle NewCycle(string name) => new Cycle(_connection.GetDatabase(), name);

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _connection.DisposeAsync();

    private sealed class Cycle(IDatabase database, string name) : LockCycle
    {
        private readonly RedisKey _key = name;

        public override async ValueTask<bool> RunAsync()
        {
            RedisValue owner = Guid.NewGuid().ToByteArray();
            if (!await database.LockTakeAsync(_key, owner, Expiry))
            {
                return false;
            }

            await database.LockReleaseAsync(_key, owner);
            return true;
        }
    }
}
