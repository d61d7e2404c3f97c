using Medallion.Threading.Redis;
using StackExchange.Redis;

namespace Redlock.Fast.Bench;

/// <summary>DistributedLock.Redis.</summary>
internal sealed class DistributedLockClient : LockClient, IWaitingClient
{
    private readonly Multiplexers _connections;
    private readonly IDatabase[] _databases;

    private DistributedLockClient(Multiplexers connections)
        : base(
            "distributed_lock",
            $"{Library(typeof(RedisDistributedLock))}: its default expiry of 30 s, one try, extended by a timer while it is held")
    {
        _connections = connections;
        _databases = [.. connections.All.Select(connection => connection.GetDatabase())];
    }

    /// <summary>Connects as it does by default.</summary>
    /// <param name="endpoints">The servers.</param>
    public static async Task<DistributedLockClient> ConnectAsync(string[] endpoints) => new(await Multiplexers.ConnectAsync(endpoints));

    /// <inheritdoc/>
    public override LockCycle NewCycle(string name) => new Cycle(new RedisDistributedLock(name, _databases));

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> TakeAsync(string name) => await new RedisDistributedLock(name, _databases).AcquireAsync();

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _connections.DisposeAsync();

    private sealed class Cycle(RedisDistributedLock distributed) : LockCycle
    {
        public override async ValueTask<bool> RunAsync()
        {
            await using RedisDistributedLockHandle? held = await distributed.TryAcquireAsync();
            return held is not null;
        }
    }
}
