namespace Redlock.Fast;

/// <summary>What is told to whoever watches a factory, on the thread pool: it happens where no caller's code may run.</summary>
internal sealed class LockEvents
{
    public event EventHandler<LockLostEventArgs>? LockLost;

    public event EventHandler<ReleaseUnknownEventArgs>? ReleaseUnknown;

    public void TellLost(RedlockMutex mutex, LossReason reason)
    {
        if (LockLost is { } handlers)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static notice => notice.Handlers(notice.Mutex, new LockLostEventArgs(notice.Mutex.Name, notice.Reason)),
                (Handlers: handlers, Mutex: mutex, Reason: reason),
                preferLocal: false);
        }
    }

    public void TellReleaseUnknown(RedlockMutex mutex, ReadOnlySpan<NodeOutcome> outcomes)
    {
        if (ReleaseUnknown is { } handlers)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static notice => notice.Handlers(notice.Mutex, notice.Event),
                (Handlers: handlers, Mutex: mutex, Event: new ReleaseUnknownEventArgs(mutex.Name, outcomes.ToArray())),
                preferLocal: false);
        }
    }
}
