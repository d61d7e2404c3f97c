using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>What is told to whoever watches a factory or measures, on the thread pool: it happens where no caller's code may run.</summary>
/// <remarks>
/// A handler or a listener that throws is counted (<c>redlock.handlers.failed</c>) and left alone: it stands between no other handler and
/// the event, and ends no process.
/// </remarks>
internal sealed class LockEvents
{
    /// <summary>Whose events these are, once it is made.</summary>
    public object? Factory { get; set; }

    public event EventHandler<LockLostEventArgs>? LockLost;

    public event EventHandler<ReleaseUnknownEventArgs>? ReleaseUnknown;

    public event EventHandler<LockOutlastedEventArgs>? LockOutlasted;

    public event EventHandler<NodeTroubledEventArgs>? NodeTroubled;

    public event EventHandler<HeldAtStopEventArgs>? HeldAtStop;

    public bool WantsTroubles => NodeTroubled is not null;

    public void TellLost(MutexDefinition mutex, LossReason reason)
    {
        EventHandler<LockLostEventArgs>? handlers = LockLost;
        if (handlers is not null || LockMetrics.CountsLosses)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static notice =>
                {
                    LockMetrics.CountLoss(notice.Reason);
                    Raise(notice.Handlers, notice.Mutex.Face, new LockLostEventArgs(notice.Mutex.Name, notice.Reason));
                },
                (Handlers: handlers, Mutex: mutex, Reason: reason),
                preferLocal: false);
        }
    }

    public void TellReleaseUnknown(MutexDefinition mutex, ReadOnlySpan<NodeOutcome> outcomes)
    {
        LockMetrics.CountUnknown();
        if (ReleaseUnknown is { } handlers)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static notice => Raise(notice.Handlers, notice.Mutex.Face, notice.Event),
                (Handlers: handlers, Mutex: mutex, Event: new ReleaseUnknownEventArgs(mutex.Name, outcomes.ToArray())),
                preferLocal: false);
        }
    }

    public void TellOutlasted(MutexDefinition mutex, TimeSpan late)
    {
        LockMetrics.CountOutlasted();
        if (LockOutlasted is { } handlers)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static notice => Raise(notice.Handlers, notice.Mutex.Face, notice.Event),
                (Handlers: handlers, Mutex: mutex, Event: new LockOutlastedEventArgs(mutex.Name, late)),
                preferLocal: false);
        }
    }

    public void TellTroubled(string node, NodeTrouble trouble, string words)
    {
        if (NodeTroubled is { } handlers)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static notice => Raise(notice.Handlers, notice.Sender, notice.Event),
                (Handlers: handlers, Sender: Factory, Event: new NodeTroubledEventArgs(node, trouble, PrintableText.Of(words))),
                preferLocal: false);
        }
    }

    /// <summary>On the caller's thread: what is told later may be told to a process that is gone.</summary>
    public void TellHeldAtStop(int held, int released) => Raise(HeldAtStop, Factory, new HeldAtStopEventArgs(held, released));

    private static void Raise<TEvent>(EventHandler<TEvent>? handlers, object? sender, TEvent told)
    {
        foreach (EventHandler<TEvent> handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(sender, told);
            }
            catch (Exception thrown)
            {
                LockMetrics.CountFailedHandler(thrown);
            }
        }
    }
}
