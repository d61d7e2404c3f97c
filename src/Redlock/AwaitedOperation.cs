using System.Diagnostics;
using System.Threading.Tasks.Sources;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>An operation together with whoever waits for its end: an awaiter, a blocked thread, or nobody.</summary>
/// <remarks>The party that settles wakes the one waiter, once, and touches nothing afterwards: the operation may then be in use again.</remarks>
internal abstract class AwaitedOperation(QuorumNodes nodes) : QuorumOperation(nodes), IThreadPoolWorkItem
{
    private ManualResetEventSlim? _wake;
    private ManualResetValueTaskSourceCore<bool> _completion;
    private Waiter _waiter;

    private enum Waiter : byte
    {
        None = 0,
        Awaiting,
        Blocking,
        Nobody,
    }

    protected short Version => _completion.Version;

    void IThreadPoolWorkItem.Execute() => _completion.SetResult(true);

    public ValueTaskSourceStatus GetStatus(short token) => _completion.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    /// <summary>Starts the first round on the caller's thread.</summary>
    protected void BeginAwaiting(RedlockMutex mutex, CancellationToken cancellationToken)
    {
        _waiter = Waiter.Awaiting;
        Begin(mutex, cancellationToken);
    }

    /// <summary>Runs to the end, blocking the caller's thread and no other.</summary>
    protected void RunBlocking(RedlockMutex mutex, CancellationToken cancellationToken)
    {
        _waiter = Waiter.Blocking;
        _wake ??= new ManualResetEventSlim();
        _wake.Reset();

        // With one node the caller can read its reply itself. With more it would be tied to one of them, and with a token to none of its cancellations.
        RespReadTurn? turn = Nodes.Channels.Length == 1 && !cancellationToken.CanBeCanceled ? Nodes.Channels[0].TryTakeReadTurn() : null;
        try
        {
            Begin(mutex, cancellationToken);
        }
        finally
        {
            turn?.ReadUntil(_wake, Nodes.NowTicks + mutex.NodeLimitTicks);
        }

        _wake.Wait(CancellationToken.None);
    }

    /// <summary>Starts the first round; the thread that settles it calls <see cref="EndUnawaited"/> in place of waking anybody.</summary>
    protected void BeginUnawaited(RedlockMutex mutex)
    {
        _waiter = Waiter.Nobody;
        Begin(mutex, CancellationToken.None);
    }

    /// <summary>Takes the result, on a thread that reads replies or keeps time: short, never blocking.</summary>
    protected virtual void EndUnawaited() => throw new UnreachableException("only an extension runs unawaited");

    /// <summary>Throws if the awaiter asks too early or twice.</summary>
    protected void CheckCompleted(short token) => _completion.GetResult(token);

    /// <summary>Lets the caller take the result. Nothing of the operation may be touched afterwards.</summary>
    protected void Complete(SettledBy by)
    {
        if (_waiter == Waiter.Blocking)
        {
            _wake!.Set();
        }
        else if (_waiter == Waiter.Nobody)
        {
            EndUnawaited();
        }
        else if (by == SettledBy.Caller || (by == SettledBy.Reader && Mutex.Options.Continuation == ContinuationMode.Inline))
        {
            _completion.SetResult(true);
        }
        else
        {
            Nodes.Queue(this);
        }
    }

    /// <summary>Makes the operation new. The result must have been copied out before.</summary>
    protected void Recycle()
    {
        Retire();
        _waiter = Waiter.None;
        _completion.Reset();
    }
}
