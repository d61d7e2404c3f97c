using Redlock.Fast.Extensions;

namespace Redlock.Fast;

/// <summary>A lock that its holder keeps as an object: released when that is disposed, or once nothing refers to it any more.</summary>
internal sealed class HeldLock : IDisposable, IAsyncDisposable
{
    private const double ShareBetweenRenewals = 1.0 / 3;

    private static readonly TimeSpan _longestGrace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _shortestGrace = TimeSpan.FromMilliseconds(50);

    private readonly RedlockMutex _mutex;
    private readonly LockHandle _handle;
    private int _releases;

    private HeldLock(RedlockMutex mutex, LockHandle handle)
    {
        _mutex = mutex;
        _handle = handle;
    }

    /// <summary>Whoever dropped it can neither use nor release it: what is renewed for nobody would be locked for ever.</summary>
    ~HeldLock()
    {
        if (TryTake())
        {
            // Not on this thread, which every other finalizer waits for.
            ThreadPool.UnsafeQueueUserWorkItem(
                static dropped => dropped.Post(), new Dropped(_mutex, _handle.Token), preferLocal: false);
        }
    }

    public CancellationToken Lost
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _releases) != 0, this);
            CancellationToken lost = _handle.Lost;
            GC.KeepAlive(this);
            return lost;
        }
    }

    /// <summary>Renewed for as long as it is held, whatever the defaults leave out.</summary>
    public static MutexOptions UntilReleased(MutexOptions options) =>
        options with { Renew = options.Renew ?? RenewOptions.Every(ShareBetweenRenewals, Timeout.InfiniteTimeSpan) };

    /// <returns><c>null</c> if somebody else has it.</returns>
    /// <exception cref="LockUnavailableException">No quorum decided it within the time.</exception>
    public static async ValueTask<HeldLock?> TryAsync(RedlockMutex mutex, TimeSpan wait, CancellationToken cancellationToken)
    {
        LockResult result = await mutex.TryLockAsync(wait, cancellationToken).ConfigureAwait(false);
        if (IsUndecided(result) && Grace(mutex, wait) is { } grace)
        {
            result = await mutex.TryLockAsync(grace, cancellationToken).ConfigureAwait(false);
        }

        return Of(mutex, result, wait);
    }

    /// <inheritdoc cref="TryAsync"/>
    public static HeldLock? Try(RedlockMutex mutex, TimeSpan wait, CancellationToken cancellationToken)
    {
        LockResult result = mutex.TryLock(wait, cancellationToken);
        if (IsUndecided(result) && Grace(mutex, wait) is { } grace)
        {
            result = mutex.TryLock(grace, cancellationToken);
        }

        return Of(mutex, result, wait);
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        if (TryTake())
        {
            _handle.Dispose();
        }
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return TryTake() ? _handle.DisposeAsync() : default;
    }

    private static bool IsUndecided(LockResult result) => result is { Status: LockStatus.Unavailable, LooksMisconfigured: false };

    /// <summary>
    /// A node that answers late, or two callers who share the nodes out among them, are no outage: who brings less time than it takes to
    /// find out is given that.
    /// </summary>
    private static TimeSpan? Grace(RedlockMutex mutex, TimeSpan wait)
    {
        TimeSpan grace = mutex.Options.Expiry / 20;
        grace = grace < _shortestGrace ? _shortestGrace : grace > _longestGrace ? _longestGrace : grace;
        return wait >= TimeSpan.Zero && wait < grace ? grace : null;
    }

    private static HeldLock? Of(RedlockMutex mutex, LockResult result, TimeSpan wait) => result.Status switch
    {
        LockStatus.Acquired => new HeldLock(mutex, result.Handle),
        LockStatus.Contended => null,
        _ => throw new LockUnavailableException(mutex.Name, wait, result.Nodes),
    };

    private bool TryTake() => Interlocked.Exchange(ref _releases, 1) == 0;

    private readonly record struct Dropped(RedlockMutex Mutex, LockToken Token)
    {
        public void Post()
        {
            try
            {
                Mutex.PostUnlock(Token);
            }
            catch (ObjectDisposedException)
            {
                // The factory went first, and nothing is renewed behind it.
            }
        }
    }
}
