namespace Redlock.Fast;

/// <summary>
/// Told of every lock that is tried and released, by name: what a log at its finest level writes. Given by
/// <see cref="RedlockOptions.Observer"/>.
/// </summary>
/// <remarks>
/// It is called where a caller takes his result, on his thread and before he goes on; of a release that nobody waits for, on the thread
/// pool. What it throws is counted by <c>redlock.handlers.failed</c> and goes no further.
/// </remarks>
public abstract class LockObserver
{
    /// <summary>Whether it wants to be told now. Asked at each lock and release: quick, and throws nothing.</summary>
    public abstract bool IsEnabled { get; }

    /// <summary>A call that takes a lock has ended with a result; of one that its caller cancelled nothing is told.</summary>
    /// <param name="name">The lock's name.</param>
    /// <param name="result">How, with what each node said. It has no token: the lock is its caller's.</param>
    public abstract void OnTried(string name, in LockResult result);

    /// <summary>A release has ended, that of a disposed handle included.</summary>
    /// <param name="name">The lock's name.</param>
    /// <param name="status">How.</param>
    public abstract void OnReleased(string name, UnlockStatus status);
}
