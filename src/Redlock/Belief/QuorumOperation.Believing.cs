using Redlock.Fast.Resp;

namespace Redlock.Fast;

// Whether a node's word is taken for a vote.
internal abstract partial class QuorumOperation
{
    /// <summary>What the votes are given to.</summary>
    protected virtual VoteUse Use => VoteUse.Holding;

    private NodeOutcome Believe(int node, NodeVote vote, in RespReply reply) =>
        Nodes.Doubts.AreAny && Nodes.Doubts.TryDoubt(node, vote, Use, out NodeOutcome doubtful)
            ? doubtful
            : ReplyVote.Outcome(Nodes.Channels[node], vote, reply);
}
