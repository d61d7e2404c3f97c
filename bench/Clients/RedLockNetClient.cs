using RedLockNet;
using RedLockNet.SERedis.Configuration;
using TheirFactory = RedLockNet.SERedis.RedLockFactory;

namespace Redlock.Fast.Bench;

/// <summary>RedLock.net.</summary>
internal sealed class RedLockNetClient : LockClient, IWaitingClient
{
    // It has no default for either: the wait is without end here, and the pause the one that its own page shows most often.
    private static readonly TimeSpan _wait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private readonly Multiplexers _connections;
    private readonly TheirFactory _factory;

    private RedLockNetClient(Multiplexers connections)
        : base(
            "redlock_net",
            $"{Library(typeof(TheirFactory))}: an expiry of {Expiry.TotalSeconds:0} s as given, its default retries, "
                + "extended by a timer while it is held")
    {
        _connections = connections;
        _factory = TheirFactory.Create([.. connections.All.Select(connection => new RedLockMultiplexer(connection))]);
    }

    /// <summary>Connects as it does by default.</summary>
    /// <param name="endpoints">The servers.</param>
    public static async Task<RedLockNetClient> ConnectAsync(string[] endpoints) => new(await Multiplexers.ConnectAsync(endpoints));

    /// <inheritdoc/>
    public override LockCycle NewCycle(string name) => new Cycle(_factory, name);

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> TakeAsync(string name)
    {
        IRedLock held = await _factory.CreateLockAsync(name, Expiry, _wait, _pause);
        return held.IsAcquired ? held : throw new InvalidOperationException($"{Settings}: {name}: {held.Status}");
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        _factory.Dispose();
        await _connections.DisposeAsync();
    }

    private sealed class Cycle(TheirFactory factory, string name) : LockCycle
    {
        public override async ValueTask<bool> RunAsync()
        {
            await using IRedLock held = await factory.CreateLockAsync(name, Expiry);
            return held.IsAcquired;
        }
    }
}
