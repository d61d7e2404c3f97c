namespace Redlock.Fast;

/// <summary>A lock on one name, for code that needs a lock and not its kind: what is taken is released by its handle.</summary>
/// <remarks>Each <see cref="ValueTask"/> may be awaited once. Not reentrant: the holder that locks again waits for itself.</remarks>
public interface ILocker
{
    /// <summary>What is locked.</summary>
    string Name { get; }

    /// <summary>Tries once.</summary>
    /// <param name="cancellationToken">Gives up, with <see cref="OperationCanceledException"/>; nothing stays locked.</param>
    /// <returns>The outcome; its token is <c>default</c> unless the lock is held.</returns>
    ValueTask<LockResult> TryLockAsync(CancellationToken cancellationToken = default);

    /// <inheritdoc cref="TryLockAsync(CancellationToken)"/>
    LockResult TryLock(CancellationToken cancellationToken = default);

    /// <summary>Tries until the lock is taken or a time is over.</summary>
    /// <param name="wait">How long in all: zero for one try, <see cref="Timeout.InfiniteTimeSpan"/> to wait for ever.</param>
    /// <param name="cancellationToken">Gives up, with <see cref="OperationCanceledException"/>; nothing stays locked.</param>
    /// <returns>The outcome; its token is <c>default</c> unless the lock is held.</returns>
    ValueTask<LockResult> TryLockAsync(TimeSpan wait, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="TryLockAsync(TimeSpan, CancellationToken)"/>
    LockResult TryLock(TimeSpan wait, CancellationToken cancellationToken = default);

    /// <summary>Tries until the lock is taken or the tries are used up.</summary>
    /// <param name="cancellationToken">Gives up, with <see cref="OperationCanceledException"/>; nothing stays locked.</param>
    /// <returns>A handle that releases when it is disposed.</returns>
    /// <exception cref="LockFailedException">Not taken after the last try.</exception>
    ValueTask<LockHandle> LockAsync(CancellationToken cancellationToken = default);

    /// <inheritdoc cref="LockAsync"/>
    LockHandle Lock(CancellationToken cancellationToken = default);
}
