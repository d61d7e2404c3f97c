using Redlock.Fast.Resp;

namespace Redlock.Fast;

// How what a node says becomes a vote, and the last vote the outcome.
internal abstract partial class QuorumOperation
{
    public sealed override void OnReply(long tag, in RespReply reply)
    {
        int node = QuorumRound.NodeOf(tag);
        if (reply.Type == RespType.Error)
        {
            Nodes.Troubles.NoteRefusal(node, reply);
        }

        if (!_round.IsOf(tag))
        {
            OnStraggler(tag, reply);
            return;
        }

        NodeVote vote = Read(node, reply);
        if (vote == NodeVote.Failed && !StillCounts(tag))
        {
            // Read as a reply to what the operation did next: words for that would be made for nobody.
            return;
        }

        Count(tag, Believe(node, vote, reply), SettledBy.Reader, RequestFailure.None);
    }

    public sealed override void OnFailure(long tag, RequestFailure failure)
    {
        int node = QuorumRound.NodeOf(tag);
        Nodes.Troubles.NoteFailure(node, failure);
        Count(tag, ReplyVote.Outcome(Nodes.Channels[node], failure), SettledBy.Other, failure);
    }

    /// <summary>Reads a reply as a vote.</summary>
    protected abstract NodeVote Read(int node, in RespReply reply);

    /// <summary>A reply to an earlier round, which counts no more. Whoever this operation serves by now is another one.</summary>
    protected virtual void OnStraggler(long tag, in RespReply reply)
    {
    }

    private bool StillCounts(long tag)
    {
        using (_gate.Enter())
        {
            return Counts(tag);
        }
    }

    private bool Counts(long tag)
    {
        _gate.AssertEntered();
        return _round.IsOf(tag) && (_phase is OperationPhase.Sending or OperationPhase.Waiting);
    }

    private void Count(long tag, in NodeOutcome outcome, SettledBy by, RequestFailure failure)
    {
        QuorumDecision decision;
        using (_gate.Enter())
        {
            AssertInvariants();
            if (!Counts(tag))
            {
                return;
            }

            _round.Cast(QuorumRound.NodeOf(tag), outcome);
            if (QuorumRound.IsUnsent(failure))
            {
                _round.NoteUnsent(QuorumRound.NodeOf(tag));
            }

            // While frames are still going out, the sender alone settles: it reads what this operation holds.
            if (_phase == OperationPhase.Sending)
            {
                return;
            }

            decision = _round.Decide();
            if (decision == QuorumDecision.Undecided)
            {
                return;
            }

            _phase = OperationPhase.Settled;
        }

        Settle(decision, by);
    }
}
