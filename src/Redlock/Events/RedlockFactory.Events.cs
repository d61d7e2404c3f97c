namespace Redlock.Fast;

// What a factory tells whoever watches it.
public sealed partial class RedlockFactory
{
    /// <summary>
    /// Listen to it for an alarm. Raised on the thread pool when a lock that is kept alive, or whose <see cref="LockHandle.Lost"/> was
    /// asked for, is lost. The sender is its <see cref="RedlockMutex"/>. What a handler throws is counted by <c>redlock.handlers.failed</c>
    /// and goes no further; the other handlers are called.
    /// </summary>
    /// <example>
    /// <code>
    /// locks.LockLost += (mutex, lost) =&gt; Console.Error.WriteLine($"{mutex} was lost: {lost.Reason}");
    /// </code>
    /// </example>
    public event EventHandler<LockLostEventArgs>? LockLost
    {
        add => _core.Events.LockLost += value;
        remove => _core.Events.LockLost -= value;
    }

    /// <summary>
    /// Raised on the thread pool when a release ended <see cref="UnlockStatus.Unknown"/>, that of a disposed handle included: the name may
    /// stay taken until its expiry. The sender is the <see cref="RedlockMutex"/>. What a handler throws is counted by
    /// <c>redlock.handlers.failed</c> and goes no further.
    /// </summary>
    public event EventHandler<ReleaseUnknownEventArgs>? ReleaseUnknown
    {
        add => _core.Events.ReleaseUnknown += value;
        remove => _core.Events.ReleaseUnknown -= value;
    }

    /// <summary>
    /// Raised on the thread pool when the release of a lock, that of a disposed handle included, began after the lock's deadline: the work
    /// outlasted the lock, and another holder may have had it meanwhile. A lock whose loss <see cref="LockLost"/> told does not raise it.
    /// The sender is the <see cref="RedlockMutex"/>. What a handler throws is counted by <c>redlock.handlers.failed</c> and goes no
    /// further.
    /// </summary>
    public event EventHandler<LockOutlastedEventArgs>? LockOutlasted
    {
        add => _core.Events.LockOutlasted += value;
        remove => _core.Events.LockOutlasted -= value;
    }

    /// <summary>
    /// Raised on the thread pool when a node that is connected gives no vote: it answers with an error, too late, or not at all. Of each
    /// kind of trouble once a node in 30 s. The sender is this factory. What a handler throws is counted by <c>redlock.handlers.failed</c>
    /// and goes no further.
    /// </summary>
    public event EventHandler<NodeTroubledEventArgs>? NodeTroubled
    {
        add => _core.Events.NodeTroubled += value;
        remove => _core.Events.NodeTroubled -= value;
    }

    /// <summary>
    /// Raised by <see cref="Dispose"/> and <see cref="DisposeAsync"/>, before they return, if locks were renewed or watched to the end. The
    /// sender is this factory. What a handler throws is counted by <c>redlock.handlers.failed</c> and goes no further.
    /// </summary>
    public event EventHandler<HeldAtStopEventArgs>? HeldAtStop
    {
        add => _core.Events.HeldAtStop += value;
        remove => _core.Events.HeldAtStop -= value;
    }
}
