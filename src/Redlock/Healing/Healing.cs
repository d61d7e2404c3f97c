using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>
/// Hears what the nodes say to one extension, beyond its end too, and sets the owner id again on those that have nothing, once a quorum
/// has granted it.
/// </summary>
/// <remarks>
/// <para>
/// That is no vote: the extension counts none but the nodes that held the lock. In the next one the node is like any other. It never takes
/// a key from anybody, as it sets none that is there, and it gives up none: whoever gives the lock up from the first look on releases it on
/// that node too, and whoever did so between the two looks has his release sent behind it.
/// </para>
/// <para>
/// The operation may have ended, and be in use again, when a late reply comes: it misses by its generation there, and counts here.
/// </para>
/// </remarks>
internal sealed class Healing(FactoryCore nodes, HealCounts counts, OperationPool<Healing> pool) : ReplyHandler
{
    // Nodes may be healed on several threads at once, so they share no buffer.
    private const int FewBytes = 1024;

    // The tags of what it sends itself: a node's number needs fewer bits than it has.
    private const long OwnTag = 1L << (QuorumRound.NodeBits - 1);

    // Beside a bit for each node.
    private const uint IsGranted = 1u << QuorumSize.MostNodes;

    private QuorumOperation? _extension;
    private MutexDefinition? _mutex;
    private LockToken _token;
    private long _extensionTag;
    private long _generation;
    private uint _told;
    private uint _toldOfOwn;
    private uint _empty;
    private int _missing;

    /// <summary>The tag of node 0; a node's is its number more.</summary>
    public long FirstTag => _generation << QuorumRound.NodeBits;

    /// <summary>Before the first frame goes out.</summary>
    public void Begin(QuorumOperation extension, long extensionTag)
    {
        _generation++;
        _extension = extension;
        _extensionTag = extensionTag;
        _mutex = extension.Definition;
        _told = _toldOfOwn = _empty = 0;

        // One more, for the operation.
        _missing = nodes.Channels.Length + 1;
    }

    /// <summary>The extension is over.</summary>
    /// <param name="extended">The owner with its new deadline; <c>default</c> if nothing may be healed.</param>
    /// <param name="unasked">A bit for each node that never was sent the owner id.</param>
    /// <param name="untold">Of how many nodes nothing will be told.</param>
    public void End(in LockToken extended, uint unasked, int untold)
    {
        if (!extended.IsDefault)
        {
            _token = extended;
            uint empty = unasked | Interlocked.Or(ref _empty, IsGranted);
            for (int node = 0; empty != 0; node++, empty >>= 1)
            {
                if ((empty & 1) != 0)
                {
                    Heal(node);
                }
            }
        }

        Forget(untold + 1);
    }

    public override void OnReply(long tag, in RespReply reply)
    {
        if (!TryHear(tag, out int node))
        {
            return;
        }

        if ((tag & OwnTag) != 0)
        {
            NoteHealed(node, reply);
        }
        else
        {
            _extension!.OnReply(_extensionTag | (uint)node, reply);
            if (ReplyVote.OfScript(reply) == NodeVote.NothingThere && (Interlocked.Or(ref _empty, 1u << node) & IsGranted) != 0)
            {
                Heal(node);
            }
        }

        Forget(1);
    }

    public override void OnFailure(long tag, RequestFailure failure)
    {
        if (!TryHear(tag, out int node))
        {
            return;
        }

        if ((tag & OwnTag) != 0)
        {
            nodes.Troubles.NoteFailure(node, failure);
        }
        else
        {
            _extension!.OnFailure(_extensionTag | (uint)node, failure);
        }

        Forget(1);
    }

    // Repeated behind the release that undoes it, it would be undone by nobody. Once its own reply is told the token is not its own any
    // more, so that is looked at behind it.
    public override bool Wants(long tag)
    {
        bool isGivenUp = _token.IsGivenUp;
        Interlocked.MemoryBarrier();
        uint told = _toldOfOwn & (1u << QuorumRound.NodeOf(tag & ~OwnTag));
        return IsOf(tag) && ((tag & OwnTag) == 0 || (!isGivenUp && told == 0));
    }

    private void Heal(int node)
    {
        MutexDefinition mutex = _mutex!;
        long now = nodes.NowTicks;
        LockToken token = _token.Newest(mutex);
        long life = token.IsDefault || token.DeadlineTicks <= now ? 0 : mutex.LifeMilliseconds(token.DeadlineTicks, now);
        bool isUnasked = (token.UnaskedNodes(nodes.Number) & (1u << node)) != 0;
        if (life < 1 || nodes.IsDisposed || (isUnasked && !token.TryReach(mutex, node)))
        {
            return;
        }

        if (!isUnasked)
        {
            token.ReachAgain(node);
        }

        HealFrame template = mutex.HealFrame;
        Span<byte> frame = template.MostBytes <= FewBytes ? stackalloc byte[FewBytes] : new byte[template.MostBytes];
        frame = frame[..template.Write(token, life, frame)];
        Interlocked.Increment(ref _missing);
        RespTicket ticket = nodes.Channels[node].TrySend(frame, new RespRequest
        {
            Handler = this,
            Tag = FirstTag | OwnTag | (uint)node,
            DeadlineTicks = Math.Min(token.DeadlineTicks, now + mutex.NodeLimitTicks),
            Script = template.Script,
            KeyHash = mutex.KeyHash,
        });
        if (!ticket.IsTaken)
        {
            Forget(1);
            if (isUnasked)
            {
                token.Miss(node);
            }
        }
        else if (token.Newest(mutex).IsDefault && !token.IsDetached)
        {
            // Its release, if there was one, may have gone out before.
            SendRelease(node, mutex, token, ticket);
        }
    }

    private void SendRelease(int node, MutexDefinition mutex, in LockToken token, RespTicket healed)
    {
        FrameTemplate template = mutex.ReleaseFrame;
        Span<byte> frame = template.Length <= FewBytes ? stackalloc byte[FewBytes] : new byte[template.Length];
        frame = frame[..template.Length];
        template.Write(token, frame);
        nodes.Channels[node].TrySend(frame, new RespRequest
        {
            DeadlineTicks = nodes.NowTicks + mutex.NodeLimitTicks,
            Script = template.Script,
            Priority = RequestPriority.Reserved,
            Undoes = healed,
            KeyHash = mutex.KeyHash,
        });
    }

    private void NoteHealed(int node, in RespReply reply)
    {
        NodeVote vote = _mutex!.IsFenced ? ReplyVote.OfFencedTake(reply) : ReplyVote.OfAcquire(reply);
        if (vote == NodeVote.Granted)
        {
            counts.Add(node);
        }
        else if (reply.Type == RespType.Error)
        {
            nodes.Troubles.NoteRefusal(node, reply);
        }
    }

    private bool IsOf(long tag) => Volatile.Read(ref _generation) == tag >> QuorumRound.NodeBits;

    // A channel that tells something twice must not end this for another extension.
    private bool TryHear(long tag, out int node)
    {
        node = QuorumRound.NodeOf(tag & ~OwnTag);
        uint bit = 1u << node;
        return IsOf(tag) && (Interlocked.Or(ref (tag & OwnTag) != 0 ? ref _toldOfOwn : ref _told, bit) & bit) == 0;
    }

    private void Forget(int replies)
    {
        if (Interlocked.Add(ref _missing, -replies) == 0)
        {
            _extension = null;
            _token = default;
            _mutex = null;
            pool.TryReturn(this);
        }
    }
}
