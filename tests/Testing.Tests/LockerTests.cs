using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

/// <summary>The locks of one process.</summary>
public sealed class InProcessLockerTests : LockerContract
{
    private readonly ManualTimeProvider _clock = new();
    private readonly InProcessLocks _locks;

    public InProcessLockerTests() => _locks = new InProcessLocks(_clock);

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public override ValueTask DisposeAsync() => _locks.DisposeAsync();

    protected override RedlockMutex Locker(string name, MutexOptions options) => _locks.CreateMutex(name, options);

    protected override void Tick() => _clock.Advance(TimeSpan.FromMilliseconds(10));
}

/// <summary>A mutex over three in-memory nodes, all on one clock.</summary>
public sealed class InMemoryLockerTests : LockerContract
{
    private readonly ManualTimeProvider _clock = new();
    private readonly List<InMemoryNode> _nodes = [];
    private readonly List<RespNode> _connections = [];
    private RedlockFactory _factory = null!;

    public override async ValueTask InitializeAsync()
    {
        for (int i = 0; i < 3; i++)
        {
            InMemoryNode node = InMemoryNode.Start(
                new InMemoryNodeOptions { TimeProvider = _clock, Transports = InMemoryTransports.PipesOnly });
            _nodes.Add(node);
            _connections.Add(new RespNode(node.Dialer, new RespNodeOptions { TimeProvider = _clock }));
        }

        _factory = new RedlockFactory(_connections);
        foreach (RespNode connection in _connections)
        {
            await connection.WaitUntilConnectedAsync(Cancellation);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        _connections.ForEach(connection => connection.Dispose());
        _nodes.ForEach(node => node.Dispose());
    }

    protected override RedlockMutex Locker(string name, MutexOptions options) => _factory.CreateMutex(name, options);

    protected override void Tick() => _clock.Advance(TimeSpan.FromMilliseconds(10));
}

/// <summary>A mutex over a real server.</summary>
public sealed class TempRedisLockerTests : LockerContract
{
    private TempRedis? _redis;
    private RedlockFactory? _factory;

    public override async ValueTask InitializeAsync()
    {
        InstalledRedis.Require();
        _redis = await TempRedis.StartAsync(cancellationToken: Cancellation);
        _factory = RedlockFactory.Create(_redis.UnixEndpoint);
        await _factory.WaitUntilConnectedAsync(Cancellation);
    }

    public override ValueTask DisposeAsync()
    {
        _factory?.Dispose();
        _redis?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override RedlockMutex Locker(string name, MutexOptions options) => _factory!.CreateMutex(name, options);

    protected override void Tick()
    {
    }
}
