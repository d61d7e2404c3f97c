namespace Redlock.Fast;

/// <summary>What is told to whoever watches a factory or measures, on the thread pool: it happens where no caller's code may run.</summary>
/// <remarks>A handler or a listener that throws is counted (<c>redlock.handlers.failed</c>) and left alone: it stands between no other handler and the event, and ends no process.</remarks>
internal sealed class LockEvents
{
    public event EventHandler<LockLostEventArgs>? LockLost;

    public event EventHandler<ReleaseUnknownEventArgs>? ReleaseUnknown;

    public void TellLost(RedlockMutex mutex, LossReason reason)
    {
        EventHandler<LockLostEventArgs>? handlers = LockLost;
        if (handlers is not null || LockMetrics.CountsLosses)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static notice =>
                {
                    LockMetrics.CountLoss(notice.Reason);
                    Raise(notice.Handlers, notice.Mutex, new LockLostEventArgs(notice.Mutex.Name, notice.Reason));
                },
                (Handlers: handlers, Mutex: mutex, Reason: reason),
                preferLocal: false);
        }
    }

    public void TellReleaseUnknown(RedlockMutex mutex, ReadOnlySpan<NodeOutcome> outcomes)
    {
        if (ReleaseUnknown is { } handlers)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static notice => Raise(notice.Handlers, notice.Mutex, notice.Event),
                (Handlers: handlers, Mutex: mutex, Event: new ReleaseUnknownEventArgs(mutex.Name, outcomes.ToArray())),
                preferLocal: false);
        }
    }

    private static void Raise<TEvent>(EventHandler<TEvent>? handlers, RedlockMutex mutex, TEvent told)
    {
        foreach (EventHandler<TEvent> handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(mutex, told);
            }
            catch (Exception thrown)
            {
                LockMetrics.CountFailedHandler(thrown);
            }
        }
    }
}
