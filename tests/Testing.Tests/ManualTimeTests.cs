using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

/// <summary>The whole library and its nodes on one clock that a test moves.</summary>
public sealed class ManualTimeTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _clock = new();
    private readonly List<InMemoryNode> _nodes = [];
    private readonly List<RespNode> _connections = [];
    private RedlockFactory _factory = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        for (int i = 0; i < 3; i++)
        {
            InMemoryNode node = InMemoryNode.Start(new InMemoryNodeOptions { TimeProvider = _clock, Transports = InMemoryTransports.Tcp });
            _nodes.Add(node);
            _connections.Add(RespNode.Connect(node.Endpoint, new RespNodeOptions { TimeProvider = _clock }));
        }

        _factory = new RedlockFactory(_connections);
        foreach (RespNode connection in _connections)
        {
            await connection.WaitUntilConnectedAsync(Cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        _connections.ForEach(connection => connection.Dispose());
        _nodes.ForEach(node => node.Dispose());
    }

    [Fact]
    public async Task A_lock_expires_when_the_clock_is_moved_and_another_owner_takes_it()
    {
        RedlockMutex mutex = _factory.CreateMutex("stock", MutexOptions.NonBlocking with { Expiry = TimeSpan.FromHours(1) });
        LockHandle held = await mutex.LockAsync(Cancellation);
        Assert.Equal(TimeSpan.FromMinutes(59.4) - TimeSpan.FromMilliseconds(2), held.Remaining);
        _clock.Advance(TimeSpan.FromMinutes(59.4) - TimeSpan.FromMilliseconds(3));
        Assert.Equal(TimeSpan.FromMilliseconds(1), held.Remaining);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(held.IsHeld);

        // Between the deadline and the expiry the nodes still keep the key: that gap is the drift.
        Assert.Equal(LockStatus.Contended, (await mutex.TryLockAsync(Cancellation)).Status);
        _clock.Advance(TimeSpan.FromMinutes(0.6) + TimeSpan.FromMilliseconds(3));
        LockResult next = await mutex.TryLockAsync(Cancellation);
        Assert.True(next.IsAcquired);
        Assert.Equal(UnlockStatus.NotHeld, await mutex.UnlockAsync(held.Token, Cancellation));
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(next.Token, Cancellation));
    }

    [Fact]
    public async Task The_time_limit_of_a_node_passes_when_the_clock_is_moved()
    {
        RedlockMutex mutex = _factory.CreateMutex("stock", MutexOptions.NonBlocking with { NodeTimeLimit = TimeSpan.FromSeconds(2) });
        _nodes[0].Faults.Stall();
        _nodes[1].Faults.Stall();
        Task<LockResult> waiting = mutex.TryLockAsync(Cancellation).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(waiting.IsCompleted);
        await Eventually.Holds(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(50));
            return Task.FromResult(waiting.IsCompleted);
        });
        Assert.Equal(LockStatus.Unavailable, (await waiting).Status);
        Assert.Contains(mutex.LastAttemptByAnyone, outcome => outcome.Error?.Contains("no reply within", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_node_whose_clock_steps_forward_gives_its_key_away_early()
    {
        RedlockMutex mutex = _factory.CreateMutex("stock", MutexOptions.NonBlocking);
        LockHandle held = await mutex.LockAsync(Cancellation);

        // Answered at quorum: behind this every node has the key.
        await Task.WhenAll(_connections.ConvertAll(connection => connection.SendAsync("PING")));
        _nodes[0].Clock.Step(TimeSpan.FromSeconds(10));
        Assert.Equal(LockStatus.Contended, (await mutex.TryLockAsync(Cancellation)).Status);
        _nodes[1].Clock.Step(TimeSpan.FromSeconds(10));
        Assert.True(held.IsHeld);
        await Eventually.Holds(async () => (await mutex.TryLockAsync(Cancellation)).IsAcquired);
    }
}
