using Medallion.Threading;

namespace Redlock.Fast.DistributedLock;

/// <summary>A held lock: dispose it to release the lock. Until then it is renewed.</summary>
/// <remarks>
/// Disposing it twice does nothing. It throws nothing, also when no node can be reached: what can't be released expires, and the log and
/// <see cref="RedlockFactory.ReleaseUnknown"/> tell it. A handle that is dropped without being disposed is released once the collector
/// finds it: so keep it in a variable while the work lasts.
/// </remarks>
public sealed class RedlockDistributedLockHandle : IDistributedSynchronizationHandle
{
    private readonly HeldLock _held;

    internal RedlockDistributedLockHandle(HeldLock held) => _held = held;

    /// <summary>
    /// Cancelled when the lock is lost before the handle is disposed: at once when a quorum of nodes says so, else with its deadline. A
    /// disposal does not cancel it.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The handle is disposed: there is nothing to lose any more.</exception>
    public CancellationToken HandleLostToken => _held.Lost;

    /// <summary>Releases the lock, blocking the calling thread until a quorum has said so.</summary>
    public void Dispose() => _held.Dispose();

    /// <summary>Releases the lock and waits for a quorum to say so.</summary>
    public ValueTask DisposeAsync() => _held.DisposeAsync();
}
