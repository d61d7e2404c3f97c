using System.Diagnostics;
using System.Threading.Tasks.Sources;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

// How an operation is begun for whoever waits for it, and how that one goes on.
internal abstract partial class QuorumOperation : IThreadPoolWorkItem, IReplyAwaiter
{
    // A field that is not readonly, and never copied: the waiter is a struct that changes.
    private OperationWaiter _waiter;

    protected short Version => _waiter.Version;

    /// <inheritdoc cref="OperationWaiter.Interruption"/>
    protected ThreadInterruptedException? Interruption => _waiter.Interruption;

    /// <summary>
    /// How the outcome shows to an awaiter: as <see cref="ValueTaskSourceStatus.Canceled"/> if taking it will throw the caller's
    /// cancellation.
    /// </summary>
    protected abstract ValueTaskSourceStatus Ending { get; }

    /// <summary>Whether nobody waits for it.</summary>
    protected bool IsUnawaited => _waiter.Who == OperationWaiter.Kind.Nobody;

    /// <summary>Whether code of others runs where the result is taken, so that nobody's end may run on a thread that reads.</summary>
    protected virtual bool CallsListeners => false;

    // No more than a hint to another thread than the one that settles.
    bool IReplyAwaiter.AwaitsReplies => _phase == OperationPhase.Waiting;

    void IThreadPoolWorkItem.Execute() => GoOn();

    public ValueTaskSourceStatus GetStatus(short token) => _waiter.GetStatus(token, Ending);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiter.OnCompleted(continuation, state, token, flags);

    /// <summary>Starts the first round on the caller's thread.</summary>
    protected void BeginAwaiting(MutexDefinition mutex, CancellationToken cancellationToken)
    {
        _waiter.Begin(OperationWaiter.Kind.Awaiting);
        Begin(mutex, cancellationToken);
        Start(SettledBy.Caller);
    }

    /// <summary>Runs to the end, blocking the caller's thread and no other.</summary>
    protected void RunBlocking(MutexDefinition mutex, CancellationToken cancellationToken)
    {
        _waiter.Begin(OperationWaiter.Kind.Blocking);
        Begin(mutex, cancellationToken);

        // Not before a span has begun: while the caller has the turn nobody else reads, and a listener may take its time.
        bool hasTurns = Nodes.Turns.TryTake();
        try
        {
            Start(SettledBy.Caller);
        }
        catch when (hasTurns)
        {
            Nodes.Turns.GiveBack(Unread.Awaited);
            throw;
        }

        if (hasTurns)
        {
            _waiter.Read(this, Nodes.Turns, Nodes.NowTicks + mutex.NodeLimitTicks, cancellationToken);
        }

        do
        {
            if (Interruption is not null)
            {
                CutShort();
            }
        }
        while (!_waiter.TryWait());
    }

    /// <summary>Starts the first round; the thread that settles it calls <see cref="EndUnawaited"/> in place of waking anybody.</summary>
    protected void BeginUnawaited(MutexDefinition mutex)
    {
        _waiter.Begin(OperationWaiter.Kind.Nobody);
        Begin(mutex, CancellationToken.None);
        Start(SettledBy.Other);
    }

    /// <summary>What a caller's operation begins with: its first round, unless there is something to wait for before that.</summary>
    protected virtual void Start(SettledBy by) => RunRound(by);

    /// <summary>Takes the result, on a thread that reads replies or keeps time: short, never blocking.</summary>
    protected virtual void EndUnawaited() => throw new UnreachableException("a lock is always awaited");

    /// <inheritdoc cref="OperationWaiter.CheckCompleted"/>
    protected void CheckCompleted(short token) => _waiter.CheckCompleted(token);

    /// <summary>Lets the caller take the result. Nothing of the operation may be touched afterwards.</summary>
    protected void Complete(SettledBy by)
    {
        Close();
        if (_waiter.Who == OperationWaiter.Kind.Blocking)
        {
            _waiter.Wake();
        }
        else if (IsUnawaited ? !CallsListeners : by == SettledBy.Caller || (by == SettledBy.Reader && MayGoOnHere()))
        {
            GoOn();
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
        _waiter.Recycle();
    }

    private void GoOn()
    {
        if (IsUnawaited)
        {
            EndUnawaited();
        }
        else
        {
            _waiter.Resume();
        }
    }

    // A caller that reads is another one's thread, and may be inside a lock of its own.
    private bool MayGoOnHere() => Mutex.Options.Continuation == ContinuationMode.Inline && RespThread.Role != RespThreadRole.Caller;
}
