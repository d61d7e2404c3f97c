using System.Threading.Tasks.Sources;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Extends what one owner still holds; counts only the nodes that still hold this owner id.</summary>
internal sealed partial class ExtendOperation : QuorumOperation, IValueTaskSource<ExtendResult>
{
    private readonly OperationPool<ExtendOperation> _pool;
    private LockToken _old;
    private LockToken _new;
    private long _askedTicks;
    private ExtendStatus _status;
    private ExtensionBy _extension;

    public ExtendOperation(FactoryCore nodes, OperationPool<ExtendOperation> pool)
        : base(nodes) => _pool = pool;

    protected override TracedOperation Traced =>
        _extension == ExtensionBy.Caller ? TracedOperation.Extend : TracedOperation.None;

    protected override ValueTaskSourceStatus Ending =>
        IsCancelled && _status == ExtendStatus.Unavailable ? ValueTaskSourceStatus.Canceled : ValueTaskSourceStatus.Succeeded;

    public ValueTask<ExtendResult> ExtendAsync(MutexDefinition mutex, LockToken token, CancellationToken cancellationToken)
    {
        _old = token;
        BeginAwaiting(mutex, cancellationToken);
        return new ValueTask<ExtendResult>(this, Version);
    }

    public ExtendResult Extend(MutexDefinition mutex, LockToken token, CancellationToken cancellationToken)
    {
        _old = token;
        RunBlocking(mutex, cancellationToken);
        return TakeResult();
    }

    /// <summary>Renews a kept lock; the outcome goes to <see cref="KeptLocks"/> alone, without a hop.</summary>
    public void Renew(MutexDefinition mutex, LockToken token, ExtensionBy renewal)
    {
        _old = token;
        _extension = renewal;
        BeginUnawaited(mutex);
    }

    ExtendResult IValueTaskSource<ExtendResult>.GetResult(short token)
    {
        CheckCompleted(token);
        return TakeResult();
    }

    protected override NodeVote Read(int node, in RespReply reply) => ReplyVote.OfScript(reply);

    protected override RoundRequest PrepareRound(long nowTicks)
    {
        _askedTicks = nowTicks;
        _new = _old.Until(nowTicks + Mutex.ValidityTicks);
        return new RoundRequest
        {
            Template = Mutex.ExtendFrameOf(_old.DeadlineTicks, nowTicks),
            Owner = _old,
            Healing = BeginHealing(),
            Priority = RequestPriority.Reserved,

            // A node that answers late has extended the key all the same, and nobody else can have it before the old deadline.
            PatientUntilTicks = _extension == ExtensionBy.Renewal ? _old.DeadlineTicks : 0,
        };
    }

    protected override void Settle(QuorumDecision decision, SettledBy by)
    {
        _status = decision switch
        {
            QuorumDecision.Granted => ExtendStatus.Extended,
            QuorumDecision.Refused => ExtendStatus.NotHeld,
            _ => ExtendStatus.Unavailable,
        };
        Complete(by);
    }

    protected override void EndUnawaited() => TakeResult();

    private static bool IsPast(long deadlineTicks, long nowTicks) => deadlineTicks != 0 && deadlineTicks <= nowTicks;

    private ExtendResult TakeResult()
    {
        // Before the lock may show as lost by it: whoever then looks for the reason finds this attempt's.
        Report();

        EndHealing(Nodes.Kept.Newest(Mutex, _old));

        // A renewal and a caller may extend one lock at a time: what the other has kept alive meanwhile is not lost. Meanwhile may be long,
        // as this thread sends, and sleeps: the clock is read before the lock.
        long nowTicks = Nodes.NowTicks;
        LockToken newest = Nodes.Kept.Newest(Mutex, _old);
        _new = newest.DeadlineTicks > _new.DeadlineTicks ? newest : _new;

        // What was lost before the answer could be handed over stays lost. Its key is left to expire: another extension of the same
        // token may have been handed over meanwhile, and must not be undone.
        if (_status == ExtendStatus.Extended && (IsPast(newest.DeadlineTicks, nowTicks) || IsPast(_new.DeadlineTicks, nowTicks)))
        {
            _status = ExtendStatus.NotHeld;
        }

        if (!TryTellKept())
        {
            _status = ExtendStatus.NotHeld;

            // What was given up meanwhile has its release behind it, or somebody else relies on it.
            if (!_old.IsGivenUp)
            {
                SendRelease(Mutex.ReleaseFrame, _old, ReleaseAfter.Extension);
            }
        }

        if (_status == ExtendStatus.Extended && !_new.HasHolding)
        {
            // The token was made from text. The copies of this one know of each other.
            _new = _new.HeldBy(Nodes.Holdings.Rent(), Mutex, 0);
        }

        ExtendResult result = new(_status, _status == ExtendStatus.Extended ? _new : default);
        Exception? cutOff = Interruption is not null ? Interruption
            : Ending == ValueTaskSourceStatus.Canceled ? new OperationCanceledException(CallerToken)
            : null;
        LockTrace.End(Span, _status, ExtendStatus.Unavailable, cutOff);
        _old = _new = default;
        _extension = ExtensionBy.Caller;
        Recycle();
        _pool.TryReturn(this);
        return cutOff is null ? result : throw cutOff;
    }
}
