using Medallion.Threading;

namespace Redlock.Fast.DistributedLock.Tests;

// What a holder is told, and what becomes of several locks.
public abstract partial class DistributedLockContract
{
    [Fact]
    public async Task A_handle_tells_no_loss_while_there_is_none()
    {
        IDistributedSynchronizationHandle held = await Lock.AcquireAsync(cancellationToken: Token);
        CancellationToken lost = held.HandleLostToken;
        Assert.True(lost.CanBeCanceled);
        Assert.False(lost.IsCancellationRequested);
        Assert.Equal(lost, held.HandleLostToken);
        await held.DisposeAsync();
        Assert.False(lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_handle_that_is_disposed_has_nothing_to_lose()
    {
        IDistributedSynchronizationHandle held = await Lock.AcquireAsync(cancellationToken: Token);
        await held.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => held.HandleLostToken);
    }

    [Fact]
    public async Task A_handle_tells_that_the_lock_is_lost()
    {
        IDistributedLock brief = new RedlockDistributedLockProvider(
            new Extensions.LockProvider(_factory, nodes.Options with { Expiry = TimeSpan.FromSeconds(2), NodeTimeLimit = null }))
            .CreateLock(_name);
        await using IDistributedSynchronizationHandle held = await brief.AcquireAsync(cancellationToken: Token);
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = held.HandleLostToken.UnsafeRegister(_ => told.SetResult(), null);
        foreach (Resp.RespNode node in _otherFactory.Nodes.Cast<Resp.RespNode>().Where(node => node.IsConnected))
        {
            await node.SendAsync("SET", Key, "somebody else's");
        }

        await told.Task.SoonAsync();
        await held.DisposeAsync();
        Assert.Null(await OtherLock.TryAcquireAsync(cancellationToken: Token));
    }

    [Fact]
    public async Task A_lock_is_renewed_for_as_long_as_it_is_held()
    {
        IDistributedLock brief = new RedlockDistributedLockProvider(
            new Extensions.LockProvider(_factory, nodes.Options with { Expiry = TimeSpan.FromSeconds(2), NodeTimeLimit = null }))
            .CreateLock(_name);
        await using IDistributedSynchronizationHandle held = await brief.AcquireAsync(cancellationToken: Token);
        long before = long.MaxValue;
        int grew = 0;
        Resp.RespNode onlooker = _otherFactory.Nodes.Cast<Resp.RespNode>().First(node => node.IsConnected);
        await Eventually.Holds(async () =>
        {
            long left = (await onlooker.SendAsync("PTTL", Key)).Integer;
            grew += left > before ? 1 : 0;
            before = left;
            return grew == 3;
        });
        Assert.False(held.HandleLostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task It_has_the_name_that_it_was_made_with()
    {
        string[] names = [_name, $"{_name}/\u00fc\u4e2d\r\n\"'{{}}", new string('x', (64 * 1024) - nodes.Options.KeyPrefix.Length)];
        foreach (string name in names)
        {
            IDistributedLock door = Provider.CreateLock(name);
            Assert.Equal(name, door.Name);
            await using IDistributedSynchronizationHandle? held = await door.TryAcquireAsync(cancellationToken: Token);
            Assert.NotNull(held);
            Assert.Null(await Other.TryAcquireLockAsync(name, default, Token));
        }

        Assert.Throws<ArgumentNullException>(() => Provider.CreateLock(null!));
        Assert.Throws<ArgumentException>(() => Provider.CreateLock(new string('x', (64 * 1024) + 1)));
    }

    [Fact]
    public async Task Of_many_callers_one_is_inside_at_a_time()
    {
        const int callers = 24;
        int inside = 0;
        int overlaps = 0;
        async Task EnterAsync(IDistributedLock door)
        {
            await using IDistributedSynchronizationHandle held = await door.AcquireAsync(_patience, Token);
            overlaps += Interlocked.Increment(ref inside) == 1 ? 0 : 1;
            await Task.Yield();
            Interlocked.Decrement(ref inside);
        }

        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => EnterAsync(caller % 2 == 0 ? Lock : OtherLock))).SoonAsync();
        Assert.Equal(0, overlaps);
    }

    [Fact]
    public async Task All_of_several_locks_are_taken_or_none()
    {
        string[] names = [_name, _name + "2", _name + "3"];
        IDistributedSynchronizationHandle last = await Other.AcquireLockAsync(names[2], null, Token);
        Assert.Null(await Provider.TryAcquireAllLocksAsync(names, default, Token));
        await using (IDistributedSynchronizationHandle? free = await Other.TryAcquireLockAsync(names[0], _patience, Token))
        {
            Assert.NotNull(free);
        }

        await last.DisposeAsync();
        await using IDistributedSynchronizationHandle? all = await Provider.TryAcquireAllLocksAsync(names, _patience, Token);
        Assert.NotNull(all);
        Assert.True(all.HandleLostToken.CanBeCanceled);
        foreach (string name in names)
        {
            Assert.Null(await Other.TryAcquireLockAsync(name, default, Token));
        }

        all.Dispose();
        using IDistributedSynchronizationHandle again = Other.AcquireAllLocks(names, _patience, Token);
    }
}
