using System.Numerics;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>One round of votes: a frame to every node, a vote from each, and what it takes to send another frame behind them.</summary>
/// <remarks>
/// The rounds of an operation follow each other in one instance and are told apart by a generation, which the tag of each request carries
/// above its node's number: a reply to an older round misses. It knows no time and guards nothing: votes are cast and counted under
/// its operation's gate, and frames are sent by the one party that sends or settles.
/// </remarks>
internal sealed partial class QuorumRound
{
    public const int NodeBits = 8;

    private readonly FactoryCore _nodes;
    private readonly RespTicket[] _tickets;
    private readonly NodeOutcome[] _outcomes;
    private QuorumTally _tally;
    private byte[] _frame = [];
    private long _generation;

    // The nodes that never took the SET of this round's owner.
    private uint _spared;

    // The nodes that took this round's frame, and then told that it had not been sent.
    private uint _unsent;

    // The nodes that are asked once the first one has granted; none in a round that asks all at once.
    private uint _later;
    private int _firstNode;

    // The nodes whose replies are those to another operation's frame.
    private uint _followed;
    private FrameTemplate? _template;

    public QuorumRound(FactoryCore nodes)
    {
        _nodes = nodes;
        _tickets = new RespTicket[nodes.Channels.Length];
        _outcomes = new NodeOutcome[nodes.Channels.Length];
    }

    public ReadOnlySpan<NodeOutcome> Outcomes => _outcomes;

    /// <summary>The tag of this round's request to node 0; a node's is its number more.</summary>
    public long FirstTag => _generation << NodeBits;

    /// <summary>A round's place among so many of the latest.</summary>
    public static int PlaceOf(long tag, int places) => (int)((ulong)(tag >> NodeBits) % (uint)places);

    public static int NodeOf(long tag) => (int)(tag & ((1 << NodeBits) - 1));

    /// <summary>
    /// Whether a request belongs to this round. May be asked without the gate; then the answer no is final, and the answer yes is not.
    /// </summary>
    public bool IsOf(long tag) => Volatile.Read(ref _generation) == tag >> NodeBits;

    /// <summary>Whether a failure says that the node has not seen the frame, and will not.</summary>
    public static bool IsUnsent(RequestFailure failure) => failure is RequestFailure.TimedOutUnsent or RequestFailure.Withdrawn;

    /// <summary>Starts with fresh votes.</summary>
    public void Begin(int quorum)
    {
        _generation++;
        _unsent = 0;
        _later = _followed = 0;
        _tally = new QuorumTally(_outcomes.Length, quorum);
        for (int node = 0; node < _outcomes.Length; node++)
        {
            _outcomes[node] = new NodeOutcome(_nodes.Channels[node].Name, NodeVote.NotAwaited, null);
            _tickets[node] = default;
        }
    }

    /// <summary>Tells what was heard elsewhere; what still comes for this round misses.</summary>
    public void Show(ReadOnlySpan<NodeOutcome> outcomes)
    {
        _generation++;
        outcomes.CopyTo(_outcomes);
    }

    /// <summary>Whatever comes for this round from now on misses.</summary>
    public void End() => _generation++;

    /// <summary>Sends one frame to every node that may know its owner, or to one alone if the request says so.</summary>
    /// <param name="operation">Whose round it is.</param>
    /// <param name="handler">Who is told the replies, with this tag for node 0: the operation, or who passes them on to it.</param>
    /// <param name="firstTag">The tag of node 0.</param>
    /// <param name="request">What is sent.</param>
    /// <param name="deadlineTicks">The request's time limit.</param>
    public void Send(QuorumOperation operation, ReplyHandler handler, long firstTag, in RoundRequest request, long deadlineTicks)
    {
        WriteFrame(_template = request.Template, request.Owner, request.Predecessor);
        _spared = request.Owner.UnaskedNodes(_nodes.Number);
        if (request.FirstNode is { } first && _tickets.Length > 1)
        {
            _firstNode = first;
            _later = AllNodes & ~(1u << first);
        }

        Send(operation, handler, firstTag, request.Priority, deadlineTicks, ~(_later | _spared));
    }

    /// <summary>Sends the same frame to all but the first node, which has granted.</summary>
    public void SendRest(QuorumOperation operation, long deadlineTicks)
    {
        uint rest = _later;
        _later = 0;
        Send(operation, operation, FirstTag, RequestPriority.Ordinary, deadlineTicks, rest);
    }

    /// <summary>Another round's frames are about to be sent in place of this one's.</summary>
    public void FollowAll() => Volatile.Write(ref _followed, AllNodes);

    /// <summary>Whether a node's reply is one to the other round's frame.</summary>
    public bool IsFollowed(int node) => (Volatile.Read(ref _followed) & (1u << node)) != 0;

    /// <summary>
    /// Takes over what another round sent in this one's place, and sends a release of its own to the nodes that did not take that.
    /// </summary>
    public void Follow(QuorumRound other, QuorumOperation operation, LockToken owner, long deadlineTicks)
    {
        _spared = owner.UnaskedNodes(_nodes.Number);
        other._tickets.CopyTo(_tickets, 0);
        uint missing = NotTaken() & ~_spared;
        if (missing != 0)
        {
            Volatile.Write(ref _followed, AllNodes & ~missing);
            WriteFrame(_template = operation.Definition.ReleaseFrame, owner);
            Send(operation, operation, FirstTag, RequestPriority.Reserved, deadlineTicks, missing);
        }
    }

    /// <summary>Counts the nodes that were not asked, and those that refused to take the frame.</summary>
    public void CastUnsent()
    {
        for (int node = 0; node < _tickets.Length; node++)
        {
            RequestFailure refusal = _tickets[node].Failure;
            if ((_spared & (1u << node)) != 0)
            {
                Cast(node, _outcomes[node] with { Vote = NodeVote.NothingThere });
            }
            else if (refusal != RequestFailure.None)
            {
                _nodes.Troubles.NoteFailure(node, refusal);
                Cast(node, ReplyVote.Outcome(_nodes.Channels[node], refusal));
            }
        }
    }

    /// <summary>Counts a node's vote, the first one only.</summary>
    public void Cast(int node, in NodeOutcome outcome)
    {
        if (_tally.TryCast(node, outcome.Vote))
        {
            _outcomes[node] = outcome;
        }
    }

    public QuorumDecision Decide()
    {
        QuorumDecision decision = _tally.Decide();
        return decision != QuorumDecision.Undecided || _later == 0 ? decision : _outcomes[_firstNode].Vote switch
        {
            NodeVote.NotAwaited => QuorumDecision.Undecided,
            NodeVote.Granted => QuorumDecision.FirstNodeGranted,
            NodeVote.Failed or NodeVote.Misconfigured => QuorumDecision.Unavailable,
            _ => QuorumDecision.Refused,
        };
    }

    /// <summary>How many nodes took this round's frame.</summary>
    public int CountTaken() => _tickets.Length - BitOperations.PopCount(NotTaken());

    /// <summary>This round's frame did not go out to a node.</summary>
    public void NoteUnsent(int node) => _unsent |= 1u << node;

    /// <summary>A bit for each node that did not take this round's frame, or did not send it.</summary>
    public uint UnaskedNodes() => _unsent | NotTaken();

    /// <summary>
    /// Sends a release behind every request of this round that may have been executed, on the connection that carried it; nobody waits for
    /// the replies.
    /// </summary>
    /// <param name="mutex">Whose release.</param>
    /// <param name="template">Whether it wakes who waits.</param>
    /// <param name="owner">Whose key.</param>
    /// <param name="after">
    /// Whether the release undoes the round's request, so that one that was not sent yet is taken back in its place.
    /// </param>
    /// <param name="deadlineTicks">The request's time limit.</param>
    public void SendRelease(MutexDefinition mutex, FrameTemplate template, LockToken owner, ReleaseAfter after, long deadlineTicks)
    {
        ReadOnlySpan<byte> frame = WriteFrame(template, owner);
        uint unasked = UnaskedNodes();
        for (int node = 0; node < _tickets.Length; node++)
        {
            if ((unasked & (1u << node)) == 0 && _outcomes[node].Vote != NodeVote.HeldByOther)
            {
                _nodes.Channels[node].TrySend(frame, new RespRequest
                {
                    DeadlineTicks = deadlineTicks,
                    Script = template.Script,
                    Priority = RequestPriority.Reserved,
                    Behind = after == ReleaseAfter.Acquisition ? default : _tickets[node],
                    Undoes = after == ReleaseAfter.Acquisition ? _tickets[node] : default,
                    KeyHash = mutex.KeyHash,
                });
            }
        }
    }

    private uint NotTaken()
    {
        uint nodes = 0;
        for (int node = 0; node < _tickets.Length; node++)
        {
            nodes |= _tickets[node].IsTaken ? 0 : 1u << node;
        }

        return nodes;
    }

    private uint AllNodes => uint.MaxValue >> (32 - _tickets.Length);

    private void Send(
        QuorumOperation operation,
        ReplyHandler handler,
        long firstTag,
        RequestPriority priority,
        long deadlineTicks,
        uint asked)
    {
        for (int node = 0; node < _tickets.Length; node++)
        {
            // A cancelled caller does not wait for a release, but the nodes must hear of it.
            if (operation.IsCancelled && priority == RequestPriority.Ordinary)
            {
                break;
            }

            if ((asked & (1u << node)) == 0)
            {
                continue;
            }

            _tickets[node] = _nodes.Channels[node].TrySend(_frame.AsSpan(0, _template!.Length), new RespRequest
            {
                Handler = handler,
                Tag = firstTag | (uint)node,
                DeadlineTicks = deadlineTicks,
                Script = _template.Script,
                Priority = priority,
                KeyHash = operation.Definition.KeyHash,
                SilenceTicks = operation.Definition.SilenceTicks,
            });
        }
    }

    private ReadOnlySpan<byte> WriteFrame(FrameTemplate template, LockToken owner, LockToken predecessor = default)
    {
        if (_frame.Length < template.Length)
        {
            _frame = new byte[template.Length];
        }

        template.Write(owner, predecessor, _frame);
        return _frame.AsSpan(0, template.Length);
    }
}
