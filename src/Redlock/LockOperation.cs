using System.Numerics;
using System.Threading.Tasks.Sources;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Takes a lock: one attempt or several, each with an owner id of its own, each failed one cleaned up behind itself.</summary>
internal sealed class LockOperation : AwaitedOperation, IValueTaskSource<LockResult>, IValueTaskSource<LockHandle>
{
    // The longest due time that a timer takes.
    private static readonly TimeSpan _longestPause = TimeSpan.FromDays(24);

    private readonly OperationPool<LockOperation> _pool;
    private readonly CancellationTokenRegistration _disposal;
    private ITimer? _pauseTimer;
    private LockToken _owner;
    private LockStatus _status;
    private Exception? _delayFault;
    private long _pauseUntilTicks;
    private long _startTicks;
    private int _tries;
    private int _maxTries;
    private bool _cleanedUp;

    public LockOperation(QuorumNodes nodes, OperationPool<LockOperation> pool)
        : base(nodes)
    {
        _pool = pool;
        _disposal = nodes.Disposal.UnsafeRegister(static state => ((LockOperation)state!).OnDisposed(), this);
    }

    protected override TracedOperation Traced => TracedOperation.Acquire;

    public ValueTask<LockResult> TryAsync(RedlockMutex mutex, int tries, CancellationToken cancellationToken)
    {
        _maxTries = tries;
        BeginAwaiting(mutex, cancellationToken);
        return new ValueTask<LockResult>(this, Version);
    }

    public ValueTask<LockHandle> LockAsync(RedlockMutex mutex, CancellationToken cancellationToken)
    {
        _maxTries = mutex.Options.Tries;
        BeginAwaiting(mutex, cancellationToken);
        return new ValueTask<LockHandle>(this, Version);
    }

    public LockResult Try(RedlockMutex mutex, int tries, CancellationToken cancellationToken)
    {
        _maxTries = tries;
        RunBlocking(mutex, cancellationToken);
        return TakeResult();
    }

    public LockHandle Lock(RedlockMutex mutex, CancellationToken cancellationToken)
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
            Complete(by);
            return;
        }

        if (decision != QuorumDecision.Undecided)
        {
            _status = decision == QuorumDecision.Refused ? LockStatus.Contended : LockStatus.Unavailable;
            LockMetrics.CountFailedAttempt(_status);
        }

        CleanUp();
        if (IsCancelled || _tries >= _maxTries || IsBeyondHope() || !TryStartPause())
        {
            Complete(by);
        }
    }

    /// <summary>Releases on every node that may have taken this attempt's SET. The caller's cancellation does not reach it.</summary>
    private void CleanUp()
    {
        if (!_cleanedUp)
        {
            _cleanedUp = true;
            SendRelease(_owner, ReleaseAfter.Acquisition);
        }
    }

    /// <summary>So many nodes are set up wrongly that trying again would only hammer them.</summary>
    private bool IsBeyondHope()
    {
        uint misconfigured = 0;
        for (int node = 0; node < Outcomes.Length; node++)
        {
            if (Outcomes[node].Vote == NodeVote.Misconfigured)
            {
                misconfigured |= 1u << node;
            }
        }

        return Outcomes.Length - BitOperations.PopCount(misconfigured) < Mutex.Quorum;
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

        _pauseTimer ??= WithoutContext.CreateTimer(Nodes.Time, static state => ((LockOperation)state!).OnPauseOver(), this);
        _pauseUntilTicks = Nodes.NowTicks + Mutex.ToTicks(pause);
        if (TryPause(_pauseTimer, pause))
        {
            return true;
        }

        // Nobody contends for a lock whose factory is gone.
        _status = LockStatus.Unavailable;
        return false;
    }

    private TimeSpan NextPause()
    {
        if (Mutex.Options.DelayFunction is { } delay)
        {
            TimeSpan pause = delay(_tries);
            return pause < TimeSpan.Zero ? TimeSpan.Zero : pause > _longestPause ? _longestPause : pause;
        }

        // Callers that failed together must not return together.
        return Mutex.Options.Delay * (0.5 + Nodes.Jitter.NextDouble());
    }

    private void OnPauseOver()
    {
        long early = Volatile.Read(ref _pauseUntilTicks) - Nodes.NowTicks;
        if (early > 0)
        {
            _pauseTimer!.Change(TimeSpan.FromSeconds(early / (double)Nodes.Time.TimestampFrequency) + TimeSpan.FromTicks(1), Timeout.InfiniteTimeSpan);
        }
        else if (TryEndPause())
        {
            RunRound(SettledBy.Other);
        }
    }

    private void OnDisposed()
    {
        if (TryEndPause())
        {
            _status = LockStatus.Unavailable;
            Complete(SettledBy.Other);
        }
    }

    private LockResult TakeResult()
    {
        LockResult result = HandOver();
        Exception? failure = CutOff();
        Finish(failure);
        return failure is null ? result : throw failure;
    }

    private LockHandle TakeHandle()
    {
        RedlockMutex mutex = Mutex;
        LockResult result = HandOver();
        Exception? cutOff = CutOff();
        Exception? failure = cutOff
            ?? (result.IsAcquired ? null : new LockFailedException(mutex.Name, result.Status, _tries, Outcomes.ToArray()));
        Finish(cutOff);
        return failure is null ? new LockHandle(mutex, result.Token) : throw failure;
    }

    /// <summary>The last look at the clock: a caller that was held up must not be given a lock that is dead.</summary>
    private LockResult HandOver()
    {
        if (_status == LockStatus.Acquired)
        {
            if (Nodes.NowTicks < _owner.DeadlineTicks)
            {
                LockToken token = _owner.HeldBy(Nodes.Holdings.Rent(), Mutex, UnaskedNodes());
                if (Mutex.Options.Renew is { } renew)
                {
                    Nodes.Kept.TryRenew(Mutex, token, renew);
                }

                return new LockResult(LockStatus.Acquired, token);
            }

            _status = LockStatus.Unavailable;
            LockMetrics.CountFailedAttempt(_status);
            CleanUp();
        }

        return new LockResult(_status, default);
    }

    /// <summary>What ended the operation before the nodes did, or <c>null</c>.</summary>
    private Exception? CutOff() =>
        _status == LockStatus.Acquired ? null
        : _delayFault is not null ? _delayFault
        : IsCancelled ? new OperationCanceledException(CallerToken)
        : null;

    private void Finish(Exception? cutOff)
    {
        if (LockMetrics.AcquireDuration.Enabled && cutOff is null)
        {
            LockMetrics.RecordAcquire(Nodes.Time.GetElapsedTime(_startTicks, Nodes.NowTicks), _status);
        }

        LockTrace.End(Span, _status, LockStatus.Unavailable, cutOff, _tries);
        Report();
        _owner = default;
        _status = LockStatus.Unavailable;
        _delayFault = null;
        _tries = 0;
        Recycle();
        if (!_pool.TryReturn(this))
        {
            _disposal.Unregister();
            _pauseTimer?.Dispose();
        }
    }
}
