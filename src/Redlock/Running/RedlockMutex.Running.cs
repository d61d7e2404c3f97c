using System.Runtime.CompilerServices;

namespace Redlock.Fast;

// A function that runs under the lock.
public sealed partial class RedlockMutex
{
    /// <summary>
    /// Call it to run a function under the lock: takes it with all its tries, runs the function, and releases it, also when the function
    /// throws.
    /// </summary>
    /// <param name="action">
    /// Runs while the lock is held; it should end well before the expiry unless <see cref="MutexOptions.Renew"/> is set. Its token is
    /// cancelled when the lock is lost and when the caller cancels.
    /// </param>
    /// <param name="cancellationToken">Gives up waiting for the lock; also ends the function.</param>
    /// <returns>Whether the function ran, which counts as a <see cref="bool"/>; if it did not, why not.</returns>
    /// <exception cref="OperationCanceledException">
    /// The caller cancelled, by <paramref name="cancellationToken"/>, while it waited or while the function ran.
    /// </exception>
    /// <exception cref="LockLostException">The lock was lost, and the function ended by the cancellation that told it so.</exception>
    /// <example>
    /// <code>
    /// WithLockResult ran = await mutex.WithLockAsync(async lost =&gt; await WriteReportAsync(lost), cancellationToken);
    /// if (!ran)
    /// {
    ///     Console.Error.WriteLine(ran);   // who has it, or what each node said
    /// }
    /// </code>
    /// </example>
    [OverloadResolutionPriority(1)]
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<WithLockResult> WithLockAsync(
        Func<CancellationToken, ValueTask> action, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(action);
        LockResult taken = await AcquireAsync(Patience.Of(Options), default, cancellationToken).ConfigureAwait(false);
        if (!taken.IsAcquired)
        {
            return new WithLockResult(taken);
        }

        LossSource? lost = null;
        try
        {
            // The loss is a source of its own and not linked: a linked token would show it only once the pool has a thread.
            lost = _core.Kept.WatchWithSource(Definition, taken.Token) ?? AlreadyCancelled();
            using CancellationTokenRegistration cancellation =
                cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), lost);
            await action(lost.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled) when (lost is { IsCancellationRequested: true })
        {
            throw cancellationToken.IsCancellationRequested
                ? new OperationCanceledException(cancelled.Message, cancelled, cancellationToken)
                : new LockLostException(Name, lost.Reason, cancelled);
        }
        finally
        {
            await taken.Handle.DisposeAsync().ConfigureAwait(false);
        }

        return new WithLockResult(taken);
    }

    /// <inheritdoc cref="WithLockAsync(Func{CancellationToken, ValueTask}, CancellationToken)"/>
    public ValueTask<WithLockResult> WithLockAsync(Func<CancellationToken, Task> action, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(action);
        return WithLockAsync(token => new ValueTask(action(token)), cancellationToken);
    }

    /// <summary>
    /// Takes the lock with all its tries, runs a function under it, and releases it, also when the function throws. Blocks the calling
    /// thread.
    /// </summary>
    /// <param name="action">Runs while the lock is held; it should end well before the expiry.</param>
    /// <param name="cancellationToken">Gives up waiting for the lock.</param>
    /// <returns>Whether the function ran, which counts as a <see cref="bool"/>; if it did not, why not.</returns>
    public WithLockResult WithLock(Action action, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(action);
        LockResult taken = Acquire(Patience.Of(Options), default, cancellationToken);
        if (!taken.IsAcquired)
        {
            return new WithLockResult(taken);
        }

        using LockHandle held = taken.Handle;
        action();
        return new WithLockResult(taken);
    }

    private static LossSource AlreadyCancelled()
    {
        LossSource source = new();
        source.Cancel();
        return source;
    }
}
