using System.Threading.Tasks.Sources;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Releases what one owner holds, on all nodes; answers at a quorum.</summary>
internal sealed class UnlockOperation : AwaitedOperation, IValueTaskSource<UnlockStatus>, IValueTaskSource
{
    private readonly OperationPool<UnlockOperation> _pool;
    private LockToken _token;
    private UnlockStatus _status;
    private long _sinceTicks;
    private long _startTicks;

    public UnlockOperation(QuorumNodes nodes, OperationPool<UnlockOperation> pool)
        : base(nodes) => _pool = pool;

    protected override TracedOperation Traced => TracedOperation.Release;

    public ValueTask<UnlockStatus> UnlockAsync(RedlockMutex mutex, LockToken token, long sinceTicks, CancellationToken cancellationToken)
    {
        (_token, _sinceTicks) = (token, sinceTicks);
        BeginAwaiting(mutex, cancellationToken);
        return new ValueTask<UnlockStatus>(this, Version);
    }

    public ValueTask DisposeAsync(RedlockMutex mutex, LockToken token, long sinceTicks)
    {
        (_token, _sinceTicks) = (token, sinceTicks);
        BeginAwaiting(mutex, CancellationToken.None);
        return new ValueTask(this, Version);
    }

    public UnlockStatus Unlock(RedlockMutex mutex, LockToken token, long sinceTicks, CancellationToken cancellationToken)
    {
        (_token, _sinceTicks) = (token, sinceTicks);
        RunBlocking(mutex, cancellationToken);
        return TakeStatus();
    }

    UnlockStatus IValueTaskSource<UnlockStatus>.GetResult(short token)
    {
        CheckCompleted(token);
        return TakeStatus();
    }

    void IValueTaskSource.GetResult(short token)
    {
        CheckCompleted(token);
        TakeStatus();
    }

    protected override NodeVote Read(in RespReply reply) => ReplyVote.OfScript(reply);

    protected override RoundRequest PrepareRound(long nowTicks)
    {
        _startTicks = nowTicks;
        return new RoundRequest
        {
            Template = Mutex.ReleaseFrame,
            Owner = _token,
            Script = RedlockScripts.Release,
            Priority = RequestPriority.Reserved,
        };
    }

    protected override void Settle(QuorumDecision decision, SettledBy by)
    {
        _status = decision switch
        {
            QuorumDecision.Granted => UnlockStatus.Released,
            QuorumDecision.Refused => UnlockStatus.NotHeld,
            _ => UnlockStatus.Unknown,
        };
        Complete(by);
    }

    private UnlockStatus TakeStatus()
    {
        UnlockStatus status = _status;
        OperationCanceledException? cancelled = IsCancelled && status == UnlockStatus.Unknown ? new OperationCanceledException(CallerToken) : null;
        Measure();
        LockTrace.End(Span, status, UnlockStatus.Unknown, cancelled);
        if (status == UnlockStatus.Unknown && !IsCancelled)
        {
            Nodes.Events.TellReleaseUnknown(Mutex, Outcomes);
        }

        Mutex.Record(Outcomes);
        _token = default;
        Recycle();
        _pool.TryReturn(this);
        return cancelled is null ? status : throw cancelled;
    }

    private void Measure()
    {
        // A lock that ran out is no longer there to be released, and is the one to hear of; what somebody else took away is a loss instead.
        bool hasRunOut = _status == UnlockStatus.NotHeld && _token.DeadlineTicks <= _startTicks;
        if (_token.DeadlineTicks == 0 || (_status != UnlockStatus.Released && !hasRunOut))
        {
            return;
        }

        if (LockMetrics.HoldDuration.Enabled)
        {
            LockMetrics.Record(LockMetrics.HoldDuration, Nodes.Time.GetElapsedTime(_sinceTicks, _startTicks));
        }

        if (LockMetrics.RemainingAtRelease.Enabled)
        {
            LockMetrics.Record(LockMetrics.RemainingAtRelease, Nodes.Time.GetElapsedTime(_startTicks, Math.Max(_startTicks, _token.DeadlineTicks)));
        }
    }
}
