namespace Redlock.Fast;

/// <summary>A lock on one name, for code that needs a lock and not its kind.</summary>
/// <remarks>Each <see cref="ValueTask"/> may be awaited once. Not reentrant: the holder that locks again waits for itself.</remarks>
public interface ILocker
{
    /// <summary>What is locked.</summary>
    string Name { get; }

    /// <summary>Tries once.</summary>
    /// <param name="cancellationToken">Gives up, with <see cref="OperationCanceledException"/>; nothing stays locked.</param>
    /// <returns>The outcome; its token is <c>default</c> unless the lock is held.</returns>
    ValueTask<LockResult> TryLockAsync(CancellationToken cancellationToken = default);

    /// <inheritdoc cref="TryLockAsync"/>
    LockResult TryLock(CancellationToken cancellationToken = default);

    /// <summary>Tries until the lock is taken or the tries are used up.</summary>
    /// <param name="cancellationToken">Gives up, with <see cref="OperationCanceledException"/>; nothing stays locked.</param>
    /// <returns>A handle that releases when it is disposed.</returns>
    /// <exception cref="LockFailedException">Not taken after the last try.</exception>
    ValueTask<LockHandle> LockAsync(CancellationToken cancellationToken = default);

    /// <inheritdoc cref="LockAsync"/>
    LockHandle Lock(CancellationToken cancellationToken = default);

    /// <summary>Releases what this owner holds, and nothing else.</summary>
    /// <param name="token">What the holder carries.</param>
    /// <param name="cancellationToken">Ends the wait for the answer; the release is sent all the same.</param>
    ValueTask<UnlockStatus> UnlockAsync(LockToken token, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="UnlockAsync"/>
    UnlockStatus Unlock(LockToken token, CancellationToken cancellationToken = default);

    /// <summary>Extends what this owner still holds to the full expiry from now; never shortens: a later deadline stays.</summary>
    /// <param name="token">What the holder carries.</param>
    /// <param name="cancellationToken">Ends the wait for the answer; the old deadline stands.</param>
    /// <returns>The outcome, with a token that has the new deadline.</returns>
    ValueTask<ExtendResult> ExtendAsync(LockToken token, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="ExtendAsync"/>
    ExtendResult Extend(LockToken token, CancellationToken cancellationToken = default);

    /// <summary>
    /// How long the lock may still be relied on, computed now; zero once its deadline has passed or if none is known, once it has been told to be
    /// lost, and after a release.
    /// </summary>
    /// <param name="token">What the holder carries.</param>
    TimeSpan Remaining(LockToken token);

    /// <summary>Keeps a held lock alive until it is released, for as long as the options allow; never shortens what it has.</summary>
    /// <param name="token">What the holder carries.</param>
    /// <param name="options">How often and how long.</param>
    /// <returns>False if the lock is lost or given up already, or if this locker can't renew: as it is unless it is implemented.</returns>
    bool KeepAlive(LockToken token, RenewOptions options) => false;

    /// <summary>
    /// A token that is cancelled when the lock is lost, at the latest with its newest deadline. A release does not cancel it; asked for
    /// after one, it never is.
    /// </summary>
    /// <param name="token">What the holder carries.</param>
    /// <returns>Unless it is implemented: cancelled if nothing remains now, else one that never is.</returns>
    CancellationToken Lost(LockToken token) => new(canceled: Remaining(token) <= TimeSpan.Zero);

    /// <summary>Stops keeping the lock alive and watching it, without a release, so that another process can go on with it.</summary>
    /// <param name="token">What the holder carries; it and its copies hold nothing any more.</param>
    /// <returns>
    /// The same owner with the newest deadline, or <c>default</c> if the lock is lost or given up already. Unless it is implemented: the token as
    /// it is, because nothing is kept alive.
    /// </returns>
    LockToken Detach(LockToken token) => token;

    /// <summary>Gives up a handle that is disposed: like a release whose outcome nobody asks for.</summary>
    /// <param name="token">What the holder carries.</param>
    ValueTask DisposeAsync(LockToken token);
}
