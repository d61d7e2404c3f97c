using System.Threading.Tasks.Sources;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Takes a lock: one attempt or several, each with an owner id of its own, each failed one cleaned up behind itself.</summary>
internal sealed partial class LockOperation : QuorumOperation, IValueTaskSource<LockResult>, IValueTaskSource<LockHandle>
{
    private readonly OperationPool<LockOperation> _pool;
    private LockToken _owner;
    private LockToken _predecessor;
    private Attempt _attempt;
    private LockStatus _status;
    private long _startTicks;
    private int _attempts;
    private int _contendedAttempts;
    private int _unavailableAttempts;
    private bool _hadQuorum;
    private bool _cleanedUp;
    private bool _throwsUnlessHeld;

    public LockOperation(FactoryCore nodes, OperationPool<LockOperation> pool)
        : base(nodes)
    {
        _pool = pool;
        _pause = new Pause(nodes.Clock, OnPauseOver);
        _leftMilliseconds = new long[nodes.Channels.Length];
    }

    protected override TracedOperation Traced => TracedOperation.Acquire;

    protected override ValueTaskSourceStatus Ending =>
        _status == LockStatus.Acquired ? ValueTaskSourceStatus.Succeeded
        : _delayFault is OperationCanceledException || (_delayFault is null && IsCancelled) ? ValueTaskSourceStatus.Canceled
        : _delayFault is not null || _throwsUnlessHeld ? ValueTaskSourceStatus.Faulted
        : ValueTaskSourceStatus.Succeeded;

    public ValueTask<LockResult> TryAsync(MutexDefinition mutex, Patience patience, CancellationToken cancellationToken)
    {
        _patience = patience;
        BeginAwaiting(mutex, cancellationToken);
        return new ValueTask<LockResult>(this, Version);
    }

    public ValueTask<LockHandle> LockAsync(MutexDefinition mutex, CancellationToken cancellationToken)
    {
        _patience = Patience.Of(mutex.Options);
        _throwsUnlessHeld = true;
        BeginAwaiting(mutex, cancellationToken);
        return new ValueTask<LockHandle>(this, Version);
    }

    public LockResult Try(MutexDefinition mutex, Patience patience, CancellationToken cancellationToken)
    {
        _patience = patience;
        RunBlocking(mutex, cancellationToken);
        return TakeResult();
    }

    public LockHandle Lock(MutexDefinition mutex, CancellationToken cancellationToken)
    {
        _patience = Patience.Of(mutex.Options);
        RunBlocking(mutex, cancellationToken);
        return TakeHandle();
    }

    LockResult IValueTaskSource<LockResult>.GetResult(short token)
    {
        CheckCompleted(token);
        return TakeResult();
    }

    LockHandle IValueTaskSource<LockHandle>.GetResult(short token)
    {
        CheckCompleted(token);
        return TakeHandle();
    }

    protected override NodeVote Read(int node, in RespReply reply)
    {
        NodeVote vote = _fencing != FencingRound.None ? ReadFenced(reply)
            : _attempt == Attempt.Set ? ReplyVote.OfAcquire(reply) : ReplyVote.OfTake(reply);
        _leftMilliseconds[node] = vote == NodeVote.HeldByOther && reply.Type == RespType.Integer ? reply.Integer : -1;
        return vote;
    }

    // An attempt that is cleaned up behind itself is over, and so is one whose caller has what it wanted.
    public override bool Wants(long tag) => IsOf(tag) && !Volatile.Read(ref _cleanedUp);

    protected override RoundRequest PrepareRound(long nowTicks)
    {
        _startTicks = _attempts++ == 0 && _startTicks == 0 ? nowTicks : _startTicks;
        _attemptTicks = nowTicks;
        IsAsleep = _hasFindings = false;
        _cleanedUp = _hadQuorum = false;
        BoundByWait(nowTicks);
        _owner = Nodes.OwnerIds.Next().Until(nowTicks + Mutex.ValidityTicks);
        if (Mutex.IsFenced)
        {
            BeginFencing();
        }

        return new RoundRequest
        {
            Template = _attempt switch
            {
                Attempt.Set => Mutex.AcquireFrame,
                Attempt.Succeed => Mutex.SucceedFrame,
                _ => Mutex.TakeFrame,
            },
            Owner = _owner,
            Predecessor = _predecessor,

            // What releases a predecessor must go out.
            Priority = _attempt == Attempt.Succeed ? RequestPriority.Reserved : RequestPriority.Ordinary,
            FirstNode = _attempt == Attempt.TakeFirst ? Line!.SleepNode : null,
        };
    }

    protected override void Settle(QuorumDecision decision, SettledBy by)
    {
        if (decision == QuorumDecision.FirstNodeGranted)
        {
            RunRest(by);
            return;
        }

        _hadQuorum = EndsRaise() || decision == QuorumDecision.Granted;
        if (decision == QuorumDecision.Granted && Nodes.NowTicks < _owner.DeadlineTicks)
        {
            if (TryAgree(by))
            {
                _status = LockStatus.Acquired;
                End(by);
            }

            return;
        }

        if (decision != QuorumDecision.Undecided)
        {
            NoteFailure(decision == QuorumDecision.Refused ? LockStatus.Contended : LockStatus.Unavailable);
        }

        CleanUp();
        WaitOn(by);
    }

    private void End(SettledBy by)
    {
        // Only while there are pauses to cut short: the factory must not hold on to an operation that nobody awaits.
        _disposal.Unregister();
        _disposal = default;
        LeaveLine();
        Complete(by);
    }

    // Told when the result is taken: whoever measures runs code of its own, and this may be a thread that reads.
    private void CountFailedAttempt(LockStatus status) =>
        _ = status == LockStatus.Contended ? _contendedAttempts++ : _unavailableAttempts++;

    /// <summary>Releases on every node that may have taken this attempt's owner. The caller's cancellation does not reach it.</summary>
    /// <remarks>
    /// Whoever waits is woken only where a holder's lock goes, for else attempts that fail would wake each other without end.
    /// </remarks>
    private void CleanUp()
    {
        if (!_cleanedUp && _attempts > 0)
        {
            _cleanedUp = true;
            if (_attempt == Attempt.Succeed)
            {
                UndoSuccession();
            }
            else
            {
                SendRelease(_hadQuorum ? Mutex.ReleaseFrame : Mutex.WithdrawFrame, _owner, CleanUpAfter);
            }
        }
    }

    /// <summary>So many nodes are set up wrongly that there is no quorum without them.</summary>
    private bool LooksMisconfigured()
    {
        int usable = 0;
        foreach (ref readonly NodeOutcome outcome in Outcomes)
        {
            usable += outcome.Vote == NodeVote.Misconfigured ? 0 : 1;
        }

        return _status == LockStatus.Unavailable && usable < Mutex.Quorum;
    }

    private LockResult TakeResult()
    {
        Exception? cutOff = CutOff();
        LockResult result = HandOver();
        Finish(cutOff);
        return cutOff is null ? result : throw cutOff;
    }

    private LockHandle TakeHandle()
    {
        Exception? cutOff = CutOff();
        LockResult result = HandOver();
        Finish(cutOff);
        if (cutOff is not null)
        {
            throw cutOff;
        }

        result.ThrowUnlessAcquired();
        return result.Handle;
    }

    /// <summary>The last look at the clock: a caller that was held up must not be given a lock that is dead.</summary>
    private LockResult HandOver()
    {
        if (_status == LockStatus.Acquired)
        {
            if (Nodes.NowTicks < _owner.DeadlineTicks && Interruption is null)
            {
                LockToken token = _owner.HeldBy(Nodes.Holdings.Rent(), Mutex, UnaskedNodes(), SuccessionsOfThis);
                if (Mutex.Options.Renew is { } renew)
                {
                    Nodes.Kept.TryRenew(Mutex, token, renew);
                }

                return ResultWith(token) with { Mutex = Mutex.Face };
            }

            _status = LockStatus.Unavailable;
            CountFailedAttempt(_status);
            CleanUp();
            Nodes.Lines.OnReleased(Mutex);
        }

        return ResultWith(default) with { LooksMisconfigured = LooksMisconfigured() };
    }

    private LockResult ResultWith(LockToken token) => new(_status, token) { Tries = _tries, Said = new(Mutex.Latest, Outcomes) };

    /// <summary>What ended the operation before the nodes did, or <c>null</c>.</summary>
    private Exception? CutOff() =>
        Interruption is not null ? Interruption
        : _status == LockStatus.Acquired ? null
        : _delayFault is not null ? _delayFault
        : IsCancelled ? new OperationCanceledException(CallerToken)
        : null;

    private void Finish(Exception? cutOff)
    {
        LockMetrics.CountFailedAttempts(_contendedAttempts, _unavailableAttempts);
        TellRaises();
        TellObserver(cutOff);
        if (LockMetrics.AcquireDuration.Enabled && cutOff is null)
        {
            LockMetrics.RecordAcquire(Nodes.Time.GetElapsedTime(_startTicks, Nodes.NowTicks), _status);
        }

        if (_wait.IsBegun)
        {
            TellWait(cutOff);
        }

        LockTrace.End(Span, _status, LockStatus.Unavailable, cutOff, _tries);
        Report();
        _owner = _predecessor = default;
        _attempt = default;
        _status = LockStatus.Unavailable;
        _startTicks = 0;
        _attempts = _contendedAttempts = _unavailableAttempts = 0;
        _hadQuorum = _cleanedUp = _throwsUnlessHeld = false;
        ForgetWaiting();
        _fencing = FencingRound.None;
        Recycle();
        if (!_pool.TryReturn(this))
        {
            _pause.End();
        }
    }
}
