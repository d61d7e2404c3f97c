using System.Diagnostics;
using System.Threading.Tasks.Sources;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>An operation together with whoever waits for its end: an awaiter, a blocked thread, or nobody.</summary>
/// <remarks>The party that settles wakes the one waiter, once, and touches nothing afterwards: the operation may then be in use again.</remarks>
internal abstract class AwaitedOperation(FactoryCore nodes) : QuorumOperation(nodes), IThreadPoolWorkItem
{
    private const string AwaitedBefore =
        "This ValueTask of a lock operation was awaited before, and each may be awaited once. To await one several times, take its AsTask() first and await that.";

    private const string NotEnded =
        "The lock operation has not ended yet: await its ValueTask, or call the blocking method, in place of asking for its result.";

    private ManualResetEventSlim? _wake;
    private ManualResetValueTaskSourceCore<bool> _completion;
    private Waiter _waiter;
    private int _awaiters;

    private enum Waiter : byte
    {
        None = 0,
        Awaiting,
        Blocking,
        Nobody,
    }

    protected short Version => _completion.Version;

    /// <summary>What interrupted the blocked thread, or <c>null</c>.</summary>
    protected ThreadInterruptedException? Interruption { get; private set; }

    /// <summary>How the outcome shows to an awaiter: as <see cref="ValueTaskSourceStatus.Canceled"/> if taking it will throw the caller's cancellation.</summary>
    protected abstract ValueTaskSourceStatus Ending { get; }

    void IThreadPoolWorkItem.Execute() => _completion.SetResult(true);

    public ValueTaskSourceStatus GetStatus(short token)
    {
        CheckFirst(token);
        ValueTaskSourceStatus status = _completion.GetStatus(token);

        // Said here already: what is thrown to a second awaiter by OnCompleted ends the process.
        if (status == ValueTaskSourceStatus.Pending && Volatile.Read(ref _awaiters) != 0)
        {
            throw new InvalidOperationException(AwaitedBefore);
        }

        return status == ValueTaskSourceStatus.Succeeded ? Ending : status;
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        CheckFirst(token);

        // A second one would overwrite half of the first one's before it was refused.
        if (Interlocked.Exchange(ref _awaiters, 1) != 0)
        {
            throw new InvalidOperationException(AwaitedBefore);
        }

        _completion.OnCompleted(continuation, state, token, flags);
    }

    /// <summary>Starts the first round on the caller's thread.</summary>
    protected void BeginAwaiting(MutexDefinition mutex, CancellationToken cancellationToken)
    {
        _waiter = Waiter.Awaiting;
        Begin(mutex, cancellationToken);
        RunRound(SettledBy.Caller);
    }

    /// <summary>Runs to the end, blocking the caller's thread and no other.</summary>
    protected void RunBlocking(MutexDefinition mutex, CancellationToken cancellationToken)
    {
        _waiter = Waiter.Blocking;
        _wake ??= new ManualResetEventSlim();
        _wake.Reset();
        Begin(mutex, cancellationToken);

        // With one node the caller can read its reply itself. With more it would be tied to one of them, and with a token to none of its cancellations.
        // Not before a span has begun: while the caller has the turn nobody else reads, and a listener may take its time.
        RespReadTurn? turn = Nodes.Channels.Length == 1 && !cancellationToken.CanBeCanceled ? Nodes.Channels[0].TryTakeReadTurn() : null;
        try
        {
            RunRound(SettledBy.Caller);
        }
        finally
        {
            Read(turn);
        }

        AwaitEnd();
    }

    /// <summary>Starts the first round; the thread that settles it calls <see cref="EndUnawaited"/> in place of waking anybody.</summary>
    protected void BeginUnawaited(MutexDefinition mutex)
    {
        _waiter = Waiter.Nobody;
        Begin(mutex, CancellationToken.None);
        RunRound(SettledBy.Other);
    }

    /// <summary>Takes the result, on a thread that reads replies or keeps time: short, never blocking.</summary>
    protected virtual void EndUnawaited() => throw new UnreachableException("only an extension runs unawaited");

    /// <summary>Throws if the awaiter asks too early or twice.</summary>
    protected void CheckCompleted(short token)
    {
        CheckFirst(token);
        if (_completion.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException(NotEnded);
        }

        _completion.GetResult(token);
    }

    /// <summary>Lets the caller take the result. Nothing of the operation may be touched afterwards.</summary>
    protected void Complete(SettledBy by)
    {
        Close();
        if (_waiter == Waiter.Blocking)
        {
            _wake!.Set();
        }
        else if (_waiter == Waiter.Nobody)
        {
            EndUnawaited();
        }
        else if (by == SettledBy.Caller || (by == SettledBy.Reader && MayGoOnHere()))
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
        Interruption = null;
        _awaiters = 0;
        _completion.Reset();
    }

    // A caller that reads is another one's thread, and may be inside a lock of its own.
    private bool MayGoOnHere() => Mutex.Options.Continuation == ContinuationMode.Inline && RespThread.Role != RespThreadRole.Caller;

    private void CheckFirst(short token)
    {
        if (token != _completion.Version)
        {
            throw new InvalidOperationException(AwaitedBefore);
        }
    }

    private void Read(RespReadTurn? turn)
    {
        try
        {
            turn?.ReadUntil(_wake!, Nodes.NowTicks + Mutex.NodeLimitTicks);
        }
        catch (ThreadInterruptedException interruption)
        {
            Interruption = interruption;
        }
    }

    private void AwaitEnd()
    {
        while (true)
        {
            try
            {
                if (Interruption is not null)
                {
                    CutShort();
                }

                _wake!.Wait(CancellationToken.None);
                return;
            }
            catch (ThreadInterruptedException interruption)
            {
                Interruption = interruption;
            }
        }
    }
}
