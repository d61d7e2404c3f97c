using Microsoft.Extensions.Logging;
using Redlock.Fast.Extensions;
using ZiggyCreatures.Caching.Fusion.Locking.Distributed;

namespace Redlock.Fast.FusionCache;

/// <summary>
/// Lets one instance of many run the factory of a key, while the others wait for what it stores: hand it to a FusionCache that has a
/// distributed cache.
/// </summary>
/// <remarks>
/// <para>
/// A lock is renewed until the cache releases it, however long the factory takes. The defaults of the quorum hold: prefix, expiry, delay,
/// number of nodes.
/// </para>
/// <para>
/// An outage is told within moments, and not waited out, whatever time the cache brings: by its options it then goes on without the lock,
/// or throws (<c>ReThrowDistributedLockerExceptions</c>). A lock that is lost is not told, for the cache does not ask: then two factories
/// may run, which a cache survives.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// cache.SetupDistributedLocker(new RedlockFusionCacheLocker(locks));
/// </code>
/// </example>
public sealed class RedlockFusionCacheLocker : IFusionCacheDistributedLocker
{
    // After so long, somebody who waits looks again whether the nodes are there at all.
    private static readonly TimeSpan _longestStep = TimeSpan.FromSeconds(1);

    private readonly ILockProvider _locks;
    private readonly Func<MutexOptions, MutexOptions> _change;

    /// <summary>Locks over the quorum of a provider.</summary>
    /// <param name="locks">Whose nodes and defaults are used; it stays the caller's.</param>
    /// <param name="change">Gives the options, made from those that hold here; none if <c>null</c>.</param>
    public RedlockFusionCacheLocker(ILockProvider locks, Func<MutexOptions, MutexOptions>? change = null)
    {
        ArgumentNullException.ThrowIfNull(locks);
        _locks = locks;
        _change = change is null ? HeldLock.UntilReleased : options => change(HeldLock.UntilReleased(options));
    }

    /// <summary>Takes the lock of a key; the cache calls it.</summary>
    /// <param name="cacheName">The cache's name.</param>
    /// <param name="cacheInstanceId">The cache's id.</param>
    /// <param name="operationId">The operation's id.</param>
    /// <param name="key">What is asked for.</param>
    /// <param name="lockName">What is locked.</param>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> for as long as somebody else has it.</param>
    /// <param name="logger">The cache's, or <c>null</c>; it tells itself what is thrown here.</param>
    /// <param name="token">Gives up, with <see cref="OperationCanceledException"/>; nothing stays locked.</param>
    /// <returns>What releases it; <c>null</c> if somebody else had it all the time.</returns>
    /// <exception cref="LockUnavailableException">Too few nodes answered; the text has what each of them said.</exception>
    public async ValueTask<object?> AcquireLockAsync(
        string cacheName,
        string cacheInstanceId,
        string operationId,
        string key,
        string lockName,
        TimeSpan timeout,
        ILogger? logger,
        CancellationToken token)
    {
        RedlockMutex mutex = _locks.CreateMutex(lockName, _change);
        long start = TimeProvider.System.GetTimestamp();
        HeldLock? held = await HeldLock.TryAsync(mutex, TimeSpan.Zero, token).ConfigureAwait(false);
        while (held is null && NextStep(timeout, start) is { } step)
        {
            held = await HeldLock.TryAsync(mutex, step, token).ConfigureAwait(false);
        }

        return held;
    }

    /// <inheritdoc cref="AcquireLockAsync"/>
    /// <remarks>Blocks the calling thread.</remarks>
    public object? AcquireLock(
        string cacheName,
        string cacheInstanceId,
        string operationId,
        string key,
        string lockName,
        TimeSpan timeout,
        ILogger? logger,
        CancellationToken token)
    {
        RedlockMutex mutex = _locks.CreateMutex(lockName, _change);
        long start = TimeProvider.System.GetTimestamp();
        HeldLock? held = HeldLock.Try(mutex, TimeSpan.Zero, token);
        while (held is null && NextStep(timeout, start) is { } step)
        {
            held = HeldLock.Try(mutex, step, token);
        }

        return held;
    }

    /// <summary>Releases what <see cref="AcquireLockAsync"/> gave; the cache calls it. Throws nothing: what can't be released
    /// expires.</summary>
    /// <param name="cacheName">The cache's name.</param>
    /// <param name="cacheInstanceId">The cache's id.</param>
    /// <param name="operationId">The operation's id.</param>
    /// <param name="key">What was asked for.</param>
    /// <param name="lockName">What was locked.</param>
    /// <param name="lockObj">What was given; nothing is done for <c>null</c>.</param>
    /// <param name="logger">The cache's, or <c>null</c>.</param>
    /// <param name="token">Not heeded: a release is never given up.</param>
    public ValueTask ReleaseLockAsync(
        string cacheName,
        string cacheInstanceId,
        string operationId,
        string key,
        string lockName,
        object? lockObj,
        ILogger? logger,
        CancellationToken token) =>
        lockObj is HeldLock held ? held.DisposeAsync() : default;

    /// <inheritdoc cref="ReleaseLockAsync"/>
    /// <remarks>Blocks the calling thread.</remarks>
    public void ReleaseLock(
        string cacheName,
        string cacheInstanceId,
        string operationId,
        string key,
        string lockName,
        object? lockObj,
        ILogger? logger,
        CancellationToken token) =>
        (lockObj as HeldLock)?.Dispose();

    /// <summary>How long to wait before it is looked again whether there are nodes; <c>null</c> when the time is over.</summary>
    private static TimeSpan? NextStep(TimeSpan timeout, long start)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return _longestStep;
        }

        TimeSpan left = timeout - TimeProvider.System.GetElapsedTime(start);
        return left <= TimeSpan.Zero ? null : left < _longestStep ? left : _longestStep;
    }
}
