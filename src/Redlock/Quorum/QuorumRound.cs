using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>One round of votes: a frame to every node, a vote from each, and what it takes to send another frame behind them.</summary>
/// <remarks>
/// The rounds of an operation follow each other in one instance and are told apart by a generation, which the tag of each request carries
/// above its node's number: a reply to an older round misses. It knows no time and guards nothing: votes are cast and counted under
/// its operation's gate, and frames are sent by the one party that sends or settles.
/// </remarks>
internal sealed class QuorumRound
{
    private const int NodeBits = 8;

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

    public QuorumRound(FactoryCore nodes)
    {
        _nodes = nodes;
        _tickets = new RespTicket[nodes.Channels.Length];
        _outcomes = new NodeOutcome[nodes.Channels.Length];
    }

    public ReadOnlySpan<NodeOutcome> Outcomes => _outcomes;

    public static int NodeOf(long tag) => (int)(tag & ((1 << NodeBits) - 1));

    /// <summary>Whether a request belongs to this round. May be asked without the gate; then the answer no is final, and the answer yes is not.</summary>
    public bool IsOf(long tag) => Volatile.Read(ref _generation) == tag >> NodeBits;

    /// <summary>Whether a failure says that the node has not seen the frame, and will not.</summary>
    public static bool IsUnsent(RequestFailure failure) => failure is RequestFailure.TimedOutUnsent or RequestFailure.Withdrawn;

    /// <summary>Starts with fresh votes.</summary>
    public void Begin(int quorum)
    {
        _generation++;
        _unsent = 0;
        _tally = new QuorumTally(_outcomes.Length, quorum);
        for (int node = 0; node < _outcomes.Length; node++)
        {
            _outcomes[node] = new NodeOutcome(_nodes.Channels[node].Name, NodeVote.NotAwaited, null);
            _tickets[node] = default;
        }
    }

    /// <summary>Whatever comes for this round from now on misses.</summary>
    public void End() => _generation++;

    /// <summary>Sends one frame to every node that may know its owner.</summary>
    public void Send(QuorumOperation operation, MutexDefinition mutex, in RoundRequest request, long deadlineTicks)
    {
        long firstTag = _generation << NodeBits;
        ReadOnlySpan<byte> frame = WriteFrame(request.Template, request.Owner);
        _spared = request.Owner.UnaskedNodes(_nodes.Number);
        for (int node = 0; node < _tickets.Length; node++)
        {
            // A cancelled caller does not wait for a release, but the nodes must hear of it.
            if (operation.IsCancelled && request.Priority == RequestPriority.Ordinary)
            {
                break;
            }

            if ((_spared & (1u << node)) != 0)
            {
                continue;
            }

            _tickets[node] = _nodes.Channels[node].TrySend(frame, new RespRequest
            {
                Handler = operation,
                Tag = firstTag | (uint)node,
                DeadlineTicks = deadlineTicks,
                Script = request.Script,
                Priority = request.Priority,
                KeyHash = mutex.KeyHash,
                SilenceTicks = mutex.SilenceTicks,
            });
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

    public QuorumDecision Decide() => _tally.Decide();

    /// <summary>This round's frame did not go out to a node.</summary>
    public void NoteUnsent(int node) => _unsent |= 1u << node;

    /// <summary>A bit for each node that did not take this round's frame, or did not send it.</summary>
    public uint UnaskedNodes()
    {
        uint unasked = _unsent;
        for (int node = 0; node < _tickets.Length; node++)
        {
            unasked |= _tickets[node].IsTaken ? 0 : 1u << node;
        }

        return unasked;
    }

    /// <summary>
    /// Sends a release behind every request of this round that may have been executed, on the connection that carried it; nobody waits for the replies.
    /// </summary>
    /// <param name="mutex">Whose release.</param>
    /// <param name="owner">Whose key.</param>
    /// <param name="after">Whether the release undoes the round's request, so that one that was not sent yet is taken back in its place.</param>
    /// <param name="deadlineTicks">The request's time limit.</param>
    public void SendRelease(MutexDefinition mutex, LockToken owner, ReleaseAfter after, long deadlineTicks)
    {
        ReadOnlySpan<byte> frame = WriteFrame(mutex.ReleaseFrame, owner);
        uint unasked = UnaskedNodes();
        for (int node = 0; node < _tickets.Length; node++)
        {
            if ((unasked & (1u << node)) == 0 && _outcomes[node].Vote != NodeVote.HeldByOther)
            {
                _nodes.Channels[node].TrySend(frame, new RespRequest
                {
                    DeadlineTicks = deadlineTicks,
                    Script = RedlockScripts.Release,
                    Priority = RequestPriority.Reserved,
                    Behind = after == ReleaseAfter.Extension ? _tickets[node] : default,
                    Undoes = after == ReleaseAfter.Acquisition ? _tickets[node] : default,
                    KeyHash = mutex.KeyHash,
                });
            }
        }
    }

    private ReadOnlySpan<byte> WriteFrame(FrameTemplate template, LockToken owner)
    {
        if (_frame.Length < template.Length)
        {
            _frame = new byte[template.Length];
        }

        template.Write(owner, _frame);
        return _frame.AsSpan(0, template.Length);
    }
}
