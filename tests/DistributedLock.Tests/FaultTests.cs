using Medallion.Threading;
using Redlock.Fast.Extensions;
using Redlock.Fast.Testing;

namespace Redlock.Fast.DistributedLock.Tests;

/// <summary>What happens where nodes, clocks and callers do not do as they should.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private static readonly MutexOptions _options = new()
    {
        Expiry = TimeSpan.FromSeconds(4), NodeTimeLimit = TimeSpan.FromSeconds(1), Delay = TimeSpan.FromMilliseconds(20),
    };

    private readonly InMemoryNode[] _nodes = [InMemoryNode.Start(), InMemoryNode.Start(), InMemoryNode.Start()];
    private RedlockFactory _factory = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IDistributedLockProvider Provider => new RedlockDistributedLockProvider(new LockProvider(_factory, _options));

    public ValueTask InitializeAsync()
    {
        _factory = RedlockFactory.Create(Array.ConvertAll(_nodes, node => node.Endpoint));
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        foreach (InMemoryNode node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Right_after_the_start_the_nodes_are_waited_for()
    {
        await using IDistributedSynchronizationHandle? held = await Provider.TryAcquireLockAsync("door", default, Token);
        Assert.NotNull(held);
        using IDistributedSynchronizationHandle? other = Provider.TryAcquireLock("window", default, Token);
        Assert.NotNull(other);
    }

    [Fact]
    public async Task An_outage_is_not_taken_for_somebody_elses_lock()
    {
        StopAll();
        LockUnavailableException[] thrown =
        [
            await Assert.ThrowsAsync<LockUnavailableException>(
                async () => await Provider.TryAcquireLockAsync("door", default, Token)),
            await Assert.ThrowsAsync<LockUnavailableException>(
                async () => await Provider.AcquireLockAsync("door", TimeSpan.FromMilliseconds(30), Token)),
            Assert.Throws<LockUnavailableException>(() => { Provider.TryAcquireLock("door", default, Token); }),
            Assert.Throws<LockUnavailableException>(() => { Provider.AcquireLock("door", TimeSpan.FromMilliseconds(30), Token); }),
        ];
        foreach (LockUnavailableException outage in thrown)
        {
            Assert.Equal("door", outage.Name);
            Assert.Equal(3, outage.Nodes.Count);
            Assert.StartsWith("The lock 'door' is unavailable: too few nodes answered", outage.Message, StringComparison.Ordinal);
            Assert.All(_nodes, node => Assert.Contains(node.Endpoint, outage.Message, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Who_waits_for_ever_waits_through_an_outage()
    {
        StopAll();
        Task<IDistributedSynchronizationHandle> waiting = Provider.AcquireLockAsync("door", null, Token).AsTask();
        using CancellationTokenSource cancellation = new();
        Task<IDistributedSynchronizationHandle> other = Provider.AcquireLockAsync("window", null, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other.SoonAsync());
        foreach (InMemoryNode node in _nodes)
        {
            node.Restart(NodeData.Lose);
        }

        await (await waiting.SoonAsync()).DisposeAsync();
    }

    [Fact]
    public async Task Who_waits_for_a_time_is_told_of_the_outage_that_came_meanwhile()
    {
        await using IDistributedSynchronizationHandle held = await Provider.AcquireLockAsync("door", null, Token);
        Task<IDistributedSynchronizationHandle?> waiting =
            Provider.TryAcquireLockAsync("door", TimeSpan.FromSeconds(1), Token).AsTask();
        Assert.False(waiting.IsCompleted);
        StopAll();
        LockUnavailableException outage = await Assert.ThrowsAsync<LockUnavailableException>(() => waiting.SoonAsync());
        Assert.All(_nodes, node => Assert.Contains(node.Endpoint, outage.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_late_node_is_a_reason_to_go_on()
    {
        await _factory.WaitUntilConnectedAsync(_nodes.Length, Token).SoonAsync();
        _nodes[0].Faults.Stall();
        _nodes[1].Faults.Stall();
        Task<IDistributedSynchronizationHandle?> waiting = Provider.TryAcquireLockAsync("door", Eventually.Patience, Token).AsTask();
        Assert.False(waiting.IsCompleted);
        _nodes[1].Faults.Resume();
        await using IDistributedSynchronizationHandle? held = await waiting.SoonAsync();
        Assert.NotNull(held);
        _nodes[0].Faults.Resume();
    }

    [Fact]
    public async Task A_node_that_answers_later_than_the_callers_time_is_no_outage()
    {
        await _factory.WaitUntilConnectedAsync(_nodes.Length, Token).SoonAsync();
        foreach (InMemoryNode node in _nodes)
        {
            node.Faults.Delay = TimeSpan.FromMilliseconds(20);
        }

        await using IDistributedSynchronizationHandle? held =
            await Provider.TryAcquireLockAsync("door", TimeSpan.FromMilliseconds(1), Token);
        Assert.NotNull(held);
        using IDistributedSynchronizationHandle? other = Provider.TryAcquireLock("window", TimeSpan.FromMilliseconds(1), Token);
        Assert.NotNull(other);
    }

    [Fact]
    public async Task Without_a_time_too_what_one_attempt_leaves_undecided_is_asked_again()
    {
        await _factory.WaitUntilConnectedAsync(_nodes.Length, Token).SoonAsync();
        _nodes[2].Stop();
        _nodes[1].Faults.ReplyWithError("LOADING Redis is loading the dataset in memory", commands: 1, "SET");
        await using IDistributedSynchronizationHandle? held = await Provider.TryAcquireLockAsync("door", default, Token);
        Assert.NotNull(held);
        _nodes[1].Faults.ReplyWithError("LOADING Redis is loading the dataset in memory", commands: 1, "SET");
        using IDistributedSynchronizationHandle? other = Provider.TryAcquireLock("window", default, Token);
        Assert.NotNull(other);
    }

    [Fact]
    public async Task Who_meets_a_holder_of_half_of_the_nodes_beside_a_dead_one_is_not_told_of_an_outage()
    {
        await using RedlockFactory stranger = RedlockFactory.Create(_nodes[0].Endpoint);
        await using LockHandle strangers = await stranger.CreateMutex("door").LockAsync(Token);
        await _factory.WaitUntilConnectedAsync(_nodes.Length, Token).SoonAsync();
        _nodes[2].Stop();
        Task<IDistributedSynchronizationHandle?> waiting = Provider.TryAcquireLockAsync("door", Eventually.Patience, Token).AsTask();
        Assert.False(waiting.IsCompleted);
        await strangers.DisposeAsync();
        await using IDistributedSynchronizationHandle? held = await waiting.SoonAsync();
        Assert.NotNull(held);
    }

    [Fact]
    public async Task A_holder_is_told_when_the_nodes_go()
    {
        await using IDistributedSynchronizationHandle held = await Provider.AcquireLockAsync("door", null, Token);
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = held.HandleLostToken.UnsafeRegister(_ => told.SetResult(), null);
        StopAll();
        await told.Task.SoonAsync();
    }

    [Fact]
    public async Task Disposing_throws_nothing_though_no_node_can_be_reached()
    {
        IDistributedSynchronizationHandle held = await Provider.AcquireLockAsync("door", null, Token);
        IDistributedSynchronizationHandle other = await Provider.AcquireLockAsync("window", null, Token);
        IDistributedSynchronizationHandle third = await Provider.AcquireLockAsync("roof", null, Token);
        StopAll();
        await held.DisposeAsync();
        other.Dispose();
        await _factory.DisposeAsync();
        third.Dispose();
        await third.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Provider.TryAcquireLockAsync("door", default, Token));
    }

    [Fact]
    public async Task A_clock_that_stands_still_hinders_neither_who_is_first_nor_who_is_woken()
    {
        ManualTimeProvider clock = new();
        await using InProcessLocks locks = new(clock);
        IDistributedLock door = new RedlockDistributedLockProvider(new LockProvider(locks.Factory)).CreateLock("door");
        IDistributedSynchronizationHandle held = await door.AcquireAsync(TimeSpan.FromSeconds(5), Token);
        Assert.Null(await door.TryAcquireAsync(cancellationToken: Token));
        Task<IDistributedSynchronizationHandle?> waiting = door.TryAcquireAsync(TimeSpan.FromSeconds(5), Token).AsTask();
        Assert.False(held.HandleLostToken.IsCancellationRequested);
        await held.DisposeAsync();
        await using IDistributedSynchronizationHandle? next = await waiting.SoonAsync();
        Assert.NotNull(next);
    }

    private void StopAll()
    {
        foreach (InMemoryNode node in _nodes)
        {
            node.Stop();
        }
    }
}
