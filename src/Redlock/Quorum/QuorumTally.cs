using System.Diagnostics;
using System.Numerics;

namespace Redlock.Fast;

/// <summary>The votes of one attempt, a bit a node, and the one rule that decides every operation.</summary>
internal struct QuorumTally
{
    private readonly int _nodes;
    private readonly int _quorum;
    private uint _granted;
    private uint _refused;
    private uint _failed;

    public QuorumTally(int nodes, int quorum)
    {
        Debug.Assert(nodes is >= 1 and <= QuorumSize.MostNodes, "a vote is a bit of 32");
        Debug.Assert(quorum > nodes / 2 && quorum <= nodes, "two quorums share a node");
        _nodes = nodes;
        _quorum = quorum;
    }

    /// <summary>Counts a node's vote; a node that has voted already is not counted again.</summary>
    /// <returns>Whether it was counted.</returns>
    public bool TryCast(int node, NodeVote vote)
    {
        uint bit = 1u << node;
        if (((_granted | _refused | _failed) & bit) != 0)
        {
            return false;
        }

        switch (vote)
        {
            case NodeVote.Granted:
                _granted |= bit;
                break;
            case NodeVote.HeldByOther or NodeVote.NothingThere:
                _refused |= bit;
                break;
            case NodeVote.Failed or NodeVote.Misconfigured:
                _failed |= bit;
                break;
            default:
                throw new UnreachableException($"{vote} is not a vote");
        }

        Debug.Assert(BitOperations.PopCount(_granted | _refused | _failed) <= _nodes, "no more votes than nodes");
        return true;
    }

    public readonly QuorumDecision Decide()
    {
        int granted = BitOperations.PopCount(_granted);
        if (granted >= _quorum)
        {
            return QuorumDecision.Granted;
        }

        int failed = BitOperations.PopCount(_failed);
        int missing = _nodes - granted - failed - BitOperations.PopCount(_refused);
        if (granted + missing >= _quorum)
        {
            return QuorumDecision.Undecided;
        }

        if (granted + failed >= _quorum)
        {
            return QuorumDecision.Unavailable;
        }

        return granted + failed + missing < _quorum ? QuorumDecision.Refused : QuorumDecision.Undecided;
    }
}
