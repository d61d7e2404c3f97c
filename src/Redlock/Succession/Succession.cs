using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>
/// Passes the replies to frames that are a release and an acquisition in one to both operations, each of which counts them by itself.
/// </summary>
/// <remarks>
/// Either operation may have ended, and be in use again, when a late reply comes: it misses by its generation there, and counts in the
/// other.
/// </remarks>
internal sealed class Succession(FactoryCore nodes, OperationPool<Succession> pool) : ReplyHandler
{
    // Nodes may time out together, on several threads, so they share no buffer.
    private const int FewBytes = 1024;

    private QuorumOperation? _successor;
    private QuorumOperation? _release;
    private MutexDefinition? _mutex;
    private LockToken _predecessor;
    private long _successorTag;
    private long _releaseTag;
    private long _generation;
    private uint _told;
    private int _missing;

    /// <summary>The tag of node 0; a node's is its number more.</summary>
    public long FirstTag => _generation << QuorumRound.NodeBits;

    /// <summary>Before the first frame goes out.</summary>
    public void Begin(QuorumOperation successor, long successorTag, QuorumOperation release, long releaseTag, LockToken predecessor)
    {
        _generation++;
        _successor = successor;
        _successorTag = successorTag;
        _release = release;
        _releaseTag = releaseTag;
        _predecessor = predecessor;
        _mutex = release.Definition;

        _told = 0;

        // One more, for the party that sends.
        _missing = nodes.Channels.Length + 1;
    }

    /// <summary>All frames are out.</summary>
    /// <param name="notTaken">Of how many nodes nothing will be told.</param>
    public void EndSending(int notTaken) => Forget(notTaken + 1);

    public override void OnReply(long tag, in RespReply reply)
    {
        if (TryHear(tag, out uint node))
        {
            _successor!.OnReply(_successorTag | node, reply);
            _release!.OnReply(_releaseTag | node, reply);
            if (ReplyVote.OfSuccession(reply) == NodeVote.Failed)
            {
                ReleasePredecessor(node);
            }

            Forget(1);
        }
    }

    public override void OnFailure(long tag, RequestFailure failure)
    {
        if (TryHear(tag, out uint node))
        {
            _successor!.OnFailure(_successorTag | node, failure);
            _release!.OnFailure(_releaseTag | node, failure);
            if (failure == RequestFailure.TimedOut)
            {
                ReleasePredecessor(node);
            }

            Forget(1);
        }
    }

    // Repeated late, behind the release of what it took, it would take that again, and nobody needs it once its attempt is over.
    public override bool Wants(long tag) =>
        Volatile.Read(ref _generation) == tag >> QuorumRound.NodeBits
        && Volatile.Read(ref _successor)?.Wants(_successorTag | (uint)QuorumRound.NodeOf(tag)) == true;

    // A node that did not execute it, or will not any more, keeps the predecessor, who has nobody else to release it. What it said in place
    // of a vote does not matter: it may have done nothing.
    private void ReleasePredecessor(uint node)
    {
        MutexDefinition mutex = _mutex!;
        int length = mutex.ReleaseFrame.Length;
        Span<byte> frame = length <= FewBytes ? stackalloc byte[FewBytes] : new byte[length];
        frame = frame[..length];
        mutex.ReleaseFrame.Write(_predecessor, frame);
        nodes.Channels[(int)node].TrySend(frame, new RespRequest
        {
            DeadlineTicks = nodes.NowTicks + mutex.NodeLimitTicks,
            Script = mutex.ReleaseFrame.Script,
            Priority = RequestPriority.Reserved,
            KeyHash = mutex.KeyHash,
        });
    }

    // A channel that tells something twice must not end the succession for another one.
    private bool TryHear(long tag, out uint node)
    {
        node = (uint)QuorumRound.NodeOf(tag);
        uint bit = 1u << (int)node;
        return Volatile.Read(ref _generation) == tag >> QuorumRound.NodeBits && (Interlocked.Or(ref _told, bit) & bit) == 0;
    }

    private void Forget(int replies)
    {
        if (Interlocked.Add(ref _missing, -replies) == 0)
        {
            _successor = _release = null;
            _predecessor = default;
            _mutex = null;
            pool.TryReturn(this);
        }
    }
}
