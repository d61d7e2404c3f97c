namespace Redlock.Fast;

/// <summary>A lock on one name, for code that needs a lock and not its kind: what is taken is released by its handle.</summary>
/// <remarks>Each <see cref="ValueTask"/> may be awaited once. Not reentrant: the holder that locks again waits for itself.</remarks>
public interface ILocker
{
    /// <summary>What is locked.</summary>
    string Name { get; }

    /// <summary>Call it where somebody else may do the work: tries once.</summary>
    /// <param name="cancellationToken">Gives up, with <see cref="OperationCanceledException"/>; nothing stays locked.</param>
    /// <returns>The outcome; its token is <c>default</c> unless the lock is held.</returns>
    /// <example>
    /// <code>
    /// await using LockResult taken = await mutex.TryLockAsync(cancellationToken);
    /// string told = taken.Status switch
    /// {
    ///     LockStatus.Acquired =&gt; "it is mine until the end of this block",
    ///     LockStatus.Contended =&gt; "somebody else has it",
    ///     _ =&gt; "too few nodes answered: an outage",
    /// };
    /// </code>
    /// </example>
    ValueTask<LockResult> TryLockAsync(CancellationToken cancellationToken = default);

    /// <inheritdoc cref="TryLockAsync(CancellationToken)"/>
    LockResult TryLock(CancellationToken cancellationToken = default);

    /// <summary>Call it to wait for a time: tries until the lock is taken or the time is over.</summary>
    /// <param name="wait">How long in all: zero for one try, <see cref="Timeout.InfiniteTimeSpan"/> to wait for ever.</param>
    /// <param name="cancellationToken">Gives up, with <see cref="OperationCanceledException"/>; nothing stays locked.</param>
    /// <returns>The outcome; its token is <c>default</c> unless the lock is held.</returns>
    ValueTask<LockResult> TryLockAsync(TimeSpan wait, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="TryLockAsync(TimeSpan, CancellationToken)"/>
    LockResult TryLock(TimeSpan wait, CancellationToken cancellationToken = default);

    /// <summary>Call it where the work has to be done: tries until the lock is taken or the tries are used up.</summary>
    /// <param name="cancellationToken">Gives up, with <see cref="OperationCanceledException"/>; nothing stays locked.</param>
    /// <returns>A handle that releases when it is disposed.</returns>
    /// <exception cref="LockFailedException">Not taken after the last try.</exception>
    /// <example>
    /// <code>
    /// await using (LockHandle held = await mutex.LockAsync(cancellationToken))
    /// {
    ///     await SendAsync();
    /// }
    /// </code>
    /// </example>
    ValueTask<LockHandle> LockAsync(CancellationToken cancellationToken = default);

    /// <inheritdoc cref="LockAsync"/>
    LockHandle Lock(CancellationToken cancellationToken = default);
}
