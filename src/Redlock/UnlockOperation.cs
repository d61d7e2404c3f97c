using System.Threading.Tasks.Sources;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Releases what one owner holds, on all nodes; answers at a quorum.</summary>
internal sealed class UnlockOperation : QuorumOperation, IValueTaskSource<UnlockStatus>, IValueTaskSource
{
    private readonly OperationPool<UnlockOperation> _pool;
    private LockToken _token;
    private UnlockStatus _status;

    public UnlockOperation(QuorumNodes nodes, OperationPool<UnlockOperation> pool)
        : base(nodes) => _pool = pool;

    public ValueTask<UnlockStatus> UnlockAsync(RedlockMutex mutex, LockToken token, CancellationToken cancellationToken)
    {
        _token = token;
        BeginAwaiting(mutex, cancellationToken);
        return new ValueTask<UnlockStatus>(this, Version);
    }

    public ValueTask DisposeAsync(RedlockMutex mutex, LockToken token)
    {
        _token = token;
        BeginAwaiting(mutex, CancellationToken.None);
        return new ValueTask(this, Version);
    }

    public UnlockStatus Unlock(RedlockMutex mutex, LockToken token, CancellationToken cancellationToken)
    {
        _token = token;
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

    protected override RoundRequest PrepareRound(long nowTicks) => new()
    {
        Template = Mutex.ReleaseFrame,
        Owner = _token,
        Script = RedlockScripts.Release,
        Priority = RequestPriority.Reserved,
    };

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
        Mutex.Record(Outcomes);
        _token = default;
        Recycle();
        _pool.TryReturn(this);
        return cancelled is null ? status : throw cancelled;
    }
}
