using System.Threading.Tasks.Sources;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Takes a lock: one attempt or several, each with an owner id of its own, each failed one cleaned up behind itself.</summary>
internal sealed class LockOperation : QuorumOperation, IValueTaskSource<LockResult>, IValueTaskSource<LockHandle>
{
    // The longest due time that a timer takes.
    private static readonly TimeSpan _longestPause = TimeSpan.FromDays(24);

    // Nodes that refuse at once cost no time: without a pause, one caller would keep the timer thread busy.
    private static readonly TimeSpan _leastPauseInOutage = TimeSpan.FromMilliseconds(10);

    private readonly OperationPool<LockOperation> _pool;
    private readonly Pause _pause;
    private CancellationTokenRegistration _disposal;
    private LockToken _owner;
    private LockStatus _status;
    private Exception? _delayFault;
    private long _startTicks;
    private int _tries;
    private int _maxTries;
    private int _contendedTries;
    private int _unavailableTries;
    private bool _cleanedUp;
    private bool _throwsUnlessHeld;

    public LockOperation(FactoryCore nodes, OperationPool<LockOperation> pool)
        : base(nodes)
    {
        _pool = pool;
        _pause = new Pause(nodes, OnPauseOver);
    }

    protected override TracedOperation Traced => TracedOperation.Acquire;

    protected override ValueTaskSourceStatus Ending =>
        _status == LockStatus.Acquired ? ValueTaskSourceStatus.Succeeded
        : _delayFault is OperationCanceledException || (_delayFault is null && IsCancelled) ? ValueTaskSourceStatus.Canceled
        : _delayFault is not null || _throwsUnlessHeld ? ValueTaskSourceStatus.Faulted
        : ValueTaskSourceStatus.Succeeded;

    public ValueTask<LockResult> TryAsync(MutexDefinition mutex, int tries, CancellationToken cancellationToken)
    {
        _maxTries = tries;
        BeginAwaiting(mutex, cancellationToken);
        return new ValueTask<LockResult>(this, Version);
    }

    public ValueTask<LockHandle> LockAsync(MutexDefinition mutex, CancellationToken cancellationToken)
    {
        _maxTries = mutex.Options.Tries;
        _throwsUnlessHeld = true;
        BeginAwaiting(mutex, cancellationToken);
        return new ValueTask<LockHandle>(this, Version);
    }

    public LockResult Try(MutexDefinition mutex, int tries, CancellationToken cancellationToken)
    {
        _maxTries = tries;
        RunBlocking(mutex, cancellationToken);
        return TakeResult();
    }

    public LockHandle Lock(MutexDefinition mutex, CancellationToken cancellationToken)
    {
        _maxTries = mutex.Options.Tries;
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

    protected override NodeVote Read(in RespReply reply) => ReplyVote.OfAcquire(reply);

    protected override RoundRequest PrepareRound(long nowTicks)
    {
        if (_tries++ == 0)
        {
            _startTicks = nowTicks;
        }

        _cleanedUp = false;
        _owner = Nodes.OwnerIds.Next().Until(nowTicks + Mutex.ValidityTicks);
        return new RoundRequest { Template = Mutex.AcquireFrame, Owner = _owner };
    }

    protected override void Settle(QuorumDecision decision, SettledBy by)
    {
        if (decision == QuorumDecision.Granted && Nodes.NowTicks < _owner.DeadlineTicks)
        {
            _status = LockStatus.Acquired;
            End(by);
            return;
        }

        if (decision != QuorumDecision.Undecided)
        {
            _status = decision == QuorumDecision.Refused ? LockStatus.Contended : LockStatus.Unavailable;
            CountFailedTry();
        }

        CleanUp();
        if (IsCancelled || _tries >= _maxTries || !TryStartPause())
        {
            End(by);
        }
    }

    private void End(SettledBy by)
    {
        // Only while there are pauses to cut short: the factory must not hold on to an operation that nobody awaits.
        _disposal.Unregister();
        _disposal = default;
        Complete(by);
    }

    // Told when the result is taken: whoever measures runs code of its own, and this may be a thread that reads.
    private void CountFailedTry() => _ = _status == LockStatus.Contended ? _contendedTries++ : _unavailableTries++;

    /// <summary>Releases on every node that may have taken this attempt's SET. The caller's cancellation does not reach it.</summary>
    private void CleanUp()
    {
        if (!_cleanedUp)
        {
            _cleanedUp = true;
            SendRelease(_owner, ReleaseAfter.Acquisition);
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

    private bool TryStartPause()
    {
        TimeSpan pause;
        try
        {
            pause = NextPause();
        }
        catch (Exception fault)
        {
            _delayFault = fault;
            return false;
        }

        if (_disposal == default)
        {
            _disposal = Nodes.Disposal.UnsafeRegister(static state => ((LockOperation)state!).OnDisposed(), this);
        }

        if (TryPause(_pause, pause))
        {
            return true;
        }

        // Nobody contends for a lock whose factory is gone.
        _status = LockStatus.Unavailable;
        return false;
    }

    private TimeSpan NextPause()
    {
        // Callers that failed together must not return together.
        TimeSpan pause = Mutex.Options.DelayFunction is { } delay ? delay(_tries) : Mutex.Options.Delay * (0.5 + Nodes.Jitter.NextDouble());
        TimeSpan least = HasWaited || _status == LockStatus.Contended ? TimeSpan.Zero : _leastPauseInOutage;
        return pause < least ? least : pause > _longestPause ? _longestPause : pause;
    }

    private void OnPauseOver()
    {
        if (TryEndPause(_pause))
        {
            RunRound(SettledBy.Other);
        }
    }

    private void OnDisposed()
    {
        if (TryEndPause(pause: null))
        {
            _status = LockStatus.Unavailable;
            End(SettledBy.Other);
        }
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
        MutexDefinition mutex = Mutex;
        Exception? cutOff = CutOff();
        LockResult result = HandOver();
        Exception? failure = cutOff
            ?? (result.IsAcquired ? null : new LockFailedException(mutex.Name, result.Status, _tries, Outcomes.ToArray(), result.LooksMisconfigured));
        Finish(cutOff);
        return failure is null ? result.Handle : throw failure;
    }

    /// <summary>The last look at the clock: a caller that was held up must not be given a lock that is dead.</summary>
    private LockResult HandOver()
    {
        if (_status == LockStatus.Acquired)
        {
            if (Nodes.NowTicks < _owner.DeadlineTicks && Interruption is null)
            {
                LockToken token = _owner.HeldBy(Nodes.Holdings.Rent(), Mutex, UnaskedNodes());
                if (Mutex.Options.Renew is { } renew)
                {
                    Nodes.Kept.TryRenew(Mutex, token, renew);
                }

                return new LockResult(LockStatus.Acquired, token) { Mutex = Mutex.Face };
            }

            _status = LockStatus.Unavailable;
            CountFailedTry();
            CleanUp();
        }

        return new LockResult(_status, default) { LooksMisconfigured = LooksMisconfigured() };
    }

    /// <summary>What ended the operation before the nodes did, or <c>null</c>.</summary>
    private Exception? CutOff() =>
        Interruption is not null ? Interruption
        : _status == LockStatus.Acquired ? null
        : _delayFault is not null ? _delayFault
        : IsCancelled ? new OperationCanceledException(CallerToken)
        : null;

    private void Finish(Exception? cutOff)
    {
        LockMetrics.CountFailedTries(_contendedTries, _unavailableTries);
        if (LockMetrics.AcquireDuration.Enabled && cutOff is null)
        {
            LockMetrics.RecordAcquire(Nodes.Time.GetElapsedTime(_startTicks, Nodes.NowTicks), _status);
        }

        LockTrace.End(Span, _status, LockStatus.Unavailable, cutOff, _tries);
        Report();
        _owner = default;
        _status = LockStatus.Unavailable;
        _delayFault = null;
        _tries = _contendedTries = _unavailableTries = 0;
        _throwsUnlessHeld = false;
        Recycle();
        if (!_pool.TryReturn(this))
        {
            _pause.End();
        }
    }
}
