using System.Runtime.CompilerServices;
using Medallion.Threading;

namespace Redlock.Fast.DistributedLock.Tests;

/// <summary>What code that is written to the interfaces expects of any lock behind them.</summary>
public abstract partial class DistributedLockContract(NodeSet nodes) : IAsyncLifetime
{
    // Somebody waits for so long at most where the lock comes free by itself.
    private static readonly TimeSpan _patience = Eventually.Patience;

    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(30);

    private readonly string _name = $"test:{Guid.NewGuid():N}";
    private RedlockFactory _factory = null!;
    private RedlockFactory _otherFactory = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IDistributedLockProvider Provider { get; set; } = null!;

    /// <summary>As another process has it.</summary>
    private IDistributedLockProvider Other { get; set; } = null!;

    private IDistributedLock Lock => Provider.CreateLock(_name);

    private IDistributedLock OtherLock => Other.CreateLock(_name);

    private string Key => nodes.Options.KeyPrefix + _name;

    public async ValueTask InitializeAsync()
    {
        _factory = await nodes.ConnectAsync();
        _otherFactory = await nodes.ConnectAsync();
        Provider = nodes.ProviderOver(_factory);
        Other = nodes.ProviderOver(_otherFactory);
    }

    public async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        await _otherFactory.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task One_holder_excludes_all_others_until_it_releases()
    {
        await using (IDistributedSynchronizationHandle? held = await Lock.TryAcquireAsync(cancellationToken: Token))
        {
            Assert.NotNull(held);
            Assert.Null(await Lock.TryAcquireAsync(cancellationToken: Token));
            Assert.Null(await OtherLock.TryAcquireAsync(cancellationToken: Token));
        }

        await using IDistributedSynchronizationHandle next = await OtherLock.AcquireAsync(_patience, Token);
        Assert.Null(await Lock.TryAcquireAsync(cancellationToken: Token));
    }

    [Fact]
    public void Blocking_calls_do_the_same()
    {
        using (IDistributedSynchronizationHandle? held = Lock.TryAcquire(cancellationToken: Token))
        {
            Assert.NotNull(held);
            Assert.Null(Lock.TryAcquire(cancellationToken: Token));
            Assert.Null(OtherLock.TryAcquire(_short, Token));
            Assert.Throws<TimeoutException>(() => OtherLock.Acquire(_short, Token));
        }

        using IDistributedSynchronizationHandle next = OtherLock.Acquire(_patience, Token);
        Assert.Null(Lock.TryAcquire(cancellationToken: Token));
    }

    [Fact]
    public async Task Blocking_and_asynchronous_calls_exclude_each_other()
    {
        using (IDistributedSynchronizationHandle held = Lock.Acquire(cancellationToken: Token))
        {
            Assert.Null(await OtherLock.TryAcquireAsync(cancellationToken: Token));
        }

        IDistributedSynchronizationHandle next = await Lock.AcquireAsync(cancellationToken: Token);
        Assert.Null(OtherLock.TryAcquire(cancellationToken: Token));
        next.Dispose();
        await using IDistributedSynchronizationHandle last = OtherLock.Acquire(_patience, Token);
    }

    [Fact]
    public async Task Locks_of_other_names_do_not_exclude()
    {
        await using IDistributedSynchronizationHandle held = await Lock.AcquireAsync(cancellationToken: Token);
        await using IDistributedSynchronizationHandle? upper = await Provider.TryAcquireLockAsync(_name.ToUpperInvariant(), default, Token);
        await using IDistributedSynchronizationHandle? longer = await Other.TryAcquireLockAsync(_name + " ", default, Token);
        Assert.NotNull(upper);
        Assert.NotNull(longer);
    }

    [Fact]
    public async Task It_is_not_to_be_had_within_a_time_while_somebody_has_it()
    {
        await using IDistributedSynchronizationHandle held = await Lock.AcquireAsync(cancellationToken: Token);
        Assert.Null(await Lock.TryAcquireAsync(_short, Token));
        Assert.Null(await OtherLock.TryAcquireAsync(_short, Token));
        TimeoutException late = await Assert.ThrowsAsync<TimeoutException>(
            async () => await OtherLock.AcquireAsync(_short, Token));
        Assert.Equal($"The lock '{_name}' was held by somebody else for the whole 0.03 s.", late.Message);
        await Assert.ThrowsAsync<TimeoutException>(async () => await Lock.AcquireAsync(TimeSpan.Zero, Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_waits_gets_it_when_it_is_released(bool forEver)
    {
        IDistributedSynchronizationHandle held = await Lock.AcquireAsync(cancellationToken: Token);
        TimeSpan wait = forEver ? Timeout.InfiniteTimeSpan : _patience;
        Task<IDistributedSynchronizationHandle?> here = Lock.TryAcquireAsync(wait, Token).AsTask();
        Assert.False(here.IsCompleted);
        await held.DisposeAsync();
        IDistributedSynchronizationHandle? next = await here.SoonAsync();
        Assert.NotNull(next);
        Task<IDistributedSynchronizationHandle> there = OtherLock.AcquireAsync(forEver ? null : wait, Token).AsTask();
        await next.DisposeAsync();
        await (await there.SoonAsync()).DisposeAsync();
    }

    [Fact]
    public async Task Who_waits_on_a_thread_of_its_own_gets_it_when_it_is_released()
    {
        IDistributedSynchronizationHandle held = await Lock.AcquireAsync(cancellationToken: Token);
        TaskCompletionSource<bool> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread waiter = new(() =>
        {
            using IDistributedSynchronizationHandle? next = OtherLock.TryAcquire(_patience, CancellationToken.None);
            ended.SetResult(next is not null);
        });
        waiter.UnsafeStart();
        await Eventually.Holds(() => waiter.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
        await held.DisposeAsync();
        Assert.True(await ended.Task.SoonAsync());
    }

    [Fact]
    public async Task Who_cancels_waits_no_longer_and_leaves_nothing_locked()
    {
        IDistributedSynchronizationHandle held = await Lock.AcquireAsync(cancellationToken: Token);
        using CancellationTokenSource cancellation = new();
        Task<IDistributedSynchronizationHandle> waiting = OtherLock.AcquireAsync(null, cancellation.Token).AsTask();
        Task<IDistributedSynchronizationHandle?> trying = Lock.TryAcquireAsync(_patience, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        OperationCanceledException cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.SoonAsync());
        Assert.Equal(cancellation.Token, cancelled.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trying.SoonAsync());
        Assert.True(waiting.IsCanceled && trying.IsCanceled);
        await held.DisposeAsync();
        await using IDistributedSynchronizationHandle? next = await Lock.TryAcquireAsync(_patience, Token);
        Assert.NotNull(next);
    }

    [Fact]
    public async Task Who_has_cancelled_before_gets_nothing()
    {
        CancellationToken cancelled = new(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Lock.TryAcquireAsync(default, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Lock.AcquireAsync(null, cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => Lock.TryAcquire(default, cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => Lock.Acquire(null, cancelled));
        await using IDistributedSynchronizationHandle? held = await OtherLock.TryAcquireAsync(cancellationToken: Token);
        Assert.NotNull(held);
    }

    [Fact]
    public async Task A_time_below_zero_is_refused()
    {
        TimeSpan wrong = TimeSpan.FromSeconds(-2);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Lock.TryAcquireAsync(wrong, Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Lock.AcquireAsync(wrong, Token));
        Assert.Throws<ArgumentOutOfRangeException>(() => Lock.TryAcquire(wrong, Token));
        Assert.Throws<ArgumentOutOfRangeException>(() => Lock.Acquire(wrong, Token));
    }

    [Fact]
    public async Task Disposing_twice_does_not_release_the_next_holders()
    {
        IDistributedSynchronizationHandle held = await Lock.AcquireAsync(cancellationToken: Token);
        await held.DisposeAsync();
        await using IDistributedSynchronizationHandle next = await Lock.AcquireAsync(_patience, Token);
        await held.DisposeAsync();
        held.Dispose();
        Assert.Null(await OtherLock.TryAcquireAsync(cancellationToken: Token));
    }

    [Fact]
    public async Task It_is_not_re_entrant()
    {
        IDistributedLock door = Lock;
        await using IDistributedSynchronizationHandle held = await door.AcquireAsync(cancellationToken: Token);
        Assert.Null(await door.TryAcquireAsync(cancellationToken: Token));
        Assert.Null(door.TryAcquire(_short, Token));
    }

    [Fact]
    public async Task A_handle_that_is_dropped_is_released()
    {
        await DropAsync();
        await Eventually.Holds(async () =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            IDistributedSynchronizationHandle? next = await OtherLock.TryAcquireAsync(cancellationToken: Token);
            await using (next)
            {
                return next is not null;
            }
        });
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task DropAsync() => Assert.NotNull(await Lock.AcquireAsync(cancellationToken: Token));
}
