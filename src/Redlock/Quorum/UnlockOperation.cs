using System.Threading.Tasks.Sources;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Releases what one owner holds, on all nodes; answers at a quorum.</summary>
internal sealed partial class UnlockOperation : QuorumOperation, IValueTaskSource<UnlockStatus>, IValueTaskSource
{
    // A node that is this many releases behind has other troubles.
    private const int RoundsRemembered = 16;

    private readonly OperationPool<UnlockOperation> _pool;
    private readonly int[] _keyHashes = new int[RoundsRemembered];
    private Surrender _given;
    private UnlockStatus _status;
    private long _startTicks;
    private volatile bool _somebodyWaited;
    private bool _isSucceeded;

    public UnlockOperation(FactoryCore nodes, OperationPool<UnlockOperation> pool)
        : base(nodes) => _pool = pool;

    protected override TracedOperation Traced => TracedOperation.Release;

    protected override ValueTaskSourceStatus Ending =>
        IsCancelled && _status == UnlockStatus.Unknown ? ValueTaskSourceStatus.Canceled : ValueTaskSourceStatus.Succeeded;

    public ValueTask<UnlockStatus> UnlockAsync(MutexDefinition mutex, in Surrender given, CancellationToken cancellationToken)
    {
        _given = given;
        BeginAwaiting(mutex, cancellationToken);
        return new ValueTask<UnlockStatus>(this, Version);
    }

    public ValueTask DisposeAsync(MutexDefinition mutex, in Surrender given)
    {
        _given = given;
        BeginAwaiting(mutex, CancellationToken.None);
        return new ValueTask(this, Version);
    }

    public UnlockStatus Unlock(MutexDefinition mutex, in Surrender given, CancellationToken cancellationToken)
    {
        _given = given;
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

    /// <summary>Hands the lock to the next in line of this factory, if anybody stands there; else releases it.</summary>
    protected override void Start(SettledBy by)
    {
        if (Nodes.Lines.TryClaimHead(Mutex, _given.Successions) is { } successor)
        {
            _isSucceeded = true;
            successor.Succeed(this, _given, by);
        }
        else
        {
            if (IsUnawaited)
            {
                AwaitOthers();
            }

            RunRound(by);
        }
    }

    protected override NodeVote Read(int node, in RespReply reply)
    {
        if (IsFollowed(node))
        {
            return ReplyVote.OfSuccession(reply);
        }

        if (SaysThatSomebodyWaited(node, reply))
        {
            _somebodyWaited = true;
            if (Nodes.Channels.Length > 1 || IsUnawaited)
            {
                // It may be decided already, and its caller on his way.
                Nodes.Lines.ExpectOthers(_keyHashes[QuorumRound.PlaceOf(RoundTag, RoundsRemembered)]);
            }
        }

        return ReplyVote.OfRelease(reply);
    }

    // The node on which somebody waits may be the last one to answer each time: he would be passed over for ever.
    protected override void OnStraggler(long tag, in RespReply reply)
    {
        if (SaysThatSomebodyWaited(QuorumRound.NodeOf(tag), reply))
        {
            Nodes.Lines.ExpectOthers(_keyHashes[QuorumRound.PlaceOf(tag, RoundsRemembered)]);
        }
    }

    protected override RoundRequest PrepareRound(long nowTicks)
    {
        _startTicks = nowTicks;
        _keyHashes[QuorumRound.PlaceOf(RoundTag, RoundsRemembered)] = Mutex.KeyHash;
        return new RoundRequest
        {
            Template = Mutex.ReleaseFrame,
            Owner = _given.Token,
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
        if (!_isSucceeded)
        {
            TellLine();
        }

        Complete(by);
    }

    private void TellLine()
    {
        bool areOthersAwaited = IsUnawaited ? _areOthersAwaited : Nodes.Lines.TakeOthersExpected(Mutex.KeyHash);
        if (areOthersAwaited || _somebodyWaited)
        {
            long now = Nodes.NowTicks;
            Nodes.Lines.Yield(Mutex, now + (now - _startTicks));
        }
        else
        {
            Nodes.Lines.OnReleased(Mutex);
        }
    }

    private bool SaysThatSomebodyWaited(int node, in RespReply reply)
    {
        if (reply.Type != RespType.Integer || reply.Integer < ReplyVote.SomebodyWaited)
        {
            return false;
        }

        if (reply.Integer == ReplyVote.SomebodyWaitedUnwoken)
        {
            Nodes.Troubles.NoteRefusedWakes(
                node, "A release found that somebody waits, and the node refused to PUBLISH it: he is woken by his own clock.");
        }

        return true;
    }

    private UnlockStatus TakeStatus()
    {
        UnlockStatus status = _status;
        Exception? cutOff = Interruption is not null ? Interruption
            : Ending == ValueTaskSourceStatus.Canceled ? new OperationCanceledException(CallerToken)
            : null;
        bool isLate = _given.Token.DeadlineTicks != 0 && _given.Token.DeadlineTicks <= _startTicks;
        Measure(isLate);
        LockTrace.End(Span, status, UnlockStatus.Unknown, cutOff);
        Tell(isLate);

        Report();
        _given = default;
        _somebodyWaited = _areOthersAwaited = _isSucceeded = false;
        Recycle();
        _pool.TryReturn(this);
        return cutOff is null ? status : throw cutOff;
    }
}
