using System.Globalization;
using Medallion.Threading;
using Redlock.Fast.Extensions;
using Redlock.Fast.Resp;

namespace Redlock.Fast.DistributedLock;

/// <summary>
/// A lock by name for code that is written to <see cref="IDistributedLock"/>: call <see cref="TryAcquireAsync"/> and dispose what it gives.
/// </summary>
/// <remarks>
/// Not re-entrant: whoever holds it and asks again waits for itself. Safe for many threads. The blocking calls block their own thread and
/// need none of the pool's. Nobody else has the lock while its handle says nothing of a loss; whoever must know asks
/// <see cref="RedlockDistributedLockHandle.HandleLostToken"/>.
/// </remarks>
public sealed class RedlockDistributedLock : IDistributedLock
{
    private readonly RedlockMutex _mutex;

    internal RedlockDistributedLock(RedlockMutex mutex) => _mutex = mutex;

    /// <summary>What is locked, without the prefix.</summary>
    public string Name => _mutex.Name;

    /// <summary>Takes the lock if it can be had within a time.</summary>
    /// <param name="timeout">
    /// How long to wait: zero, the default, for one try, and another one within a twentieth of the expiry if too few nodes answered the
    /// first to say; <see cref="Timeout.InfiniteTimeSpan"/> to wait for ever, through an outage too.
    /// </param>
    /// <param name="cancellationToken">Gives up, with <see cref="OperationCanceledException"/>; nothing stays locked.</param>
    /// <returns>The handle; <c>null</c> if somebody else has the lock, and for no other reason.</returns>
    /// <exception cref="LockUnavailableException">Too few nodes answered within the time; the text has what each of them said.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative, and not infinite.</exception>
    public async ValueTask<RedlockDistributedLockHandle?> TryAcquireAsync(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        HandleOf(await HeldLock.TryAsync(_mutex, timeout, cancellationToken).ConfigureAwait(false));

    /// <inheritdoc cref="TryAcquireAsync"/>
    /// <remarks>Blocks the calling thread.</remarks>
    public RedlockDistributedLockHandle? TryAcquire(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        HandleOf(HeldLock.Try(_mutex, timeout, cancellationToken));

    /// <summary>Takes the lock, waiting for it.</summary>
    /// <param name="timeout">How long to wait; <c>null</c>, the default, waits for ever, through an outage too.</param>
    /// <param name="cancellationToken">Gives up, with <see cref="OperationCanceledException"/>; nothing stays locked.</param>
    /// <exception cref="TimeoutException">Somebody else had the lock all the time.</exception>
    /// <exception cref="LockUnavailableException">Too few nodes answered within the time; the text has what each of them said.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative, and not infinite.</exception>
    public async ValueTask<RedlockDistributedLockHandle> AcquireAsync(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        TimeSpan wait = timeout ?? Timeout.InfiniteTimeSpan;
        return HandleOf(await HeldLock.TryAsync(_mutex, wait, cancellationToken).ConfigureAwait(false)) ?? throw TimedOut(wait);
    }

    /// <inheritdoc cref="AcquireAsync"/>
    /// <remarks>Blocks the calling thread.</remarks>
    public RedlockDistributedLockHandle Acquire(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        TimeSpan wait = timeout ?? Timeout.InfiniteTimeSpan;
        return HandleOf(HeldLock.Try(_mutex, wait, cancellationToken)) ?? throw TimedOut(wait);
    }

    async ValueTask<IDistributedSynchronizationHandle?> IDistributedLock.TryAcquireAsync(
        TimeSpan timeout, CancellationToken cancellationToken) =>
        await TryAcquireAsync(timeout, cancellationToken).ConfigureAwait(false);

    async ValueTask<IDistributedSynchronizationHandle> IDistributedLock.AcquireAsync(
        TimeSpan? timeout, CancellationToken cancellationToken) =>
        await AcquireAsync(timeout, cancellationToken).ConfigureAwait(false);

    IDistributedSynchronizationHandle? IDistributedLock.TryAcquire(TimeSpan timeout, CancellationToken cancellationToken) =>
        TryAcquire(timeout, cancellationToken);

    IDistributedSynchronizationHandle IDistributedLock.Acquire(TimeSpan? timeout, CancellationToken cancellationToken) =>
        Acquire(timeout, cancellationToken);

    private static RedlockDistributedLockHandle? HandleOf(HeldLock? held) => held is null ? null : new RedlockDistributedLockHandle(held);

    private TimeoutException TimedOut(TimeSpan wait) => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"The lock '{PrintableText.OfName(Name)}' was held by somebody else for the whole {wait.TotalSeconds:0.###} s."));
}
