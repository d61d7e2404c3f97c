using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>What each node said in one of the latest operations on a mutex, for whoever looks from outside.</summary>
internal sealed class LatestOutcomes
{
    private readonly Gate _gate = new();
    private readonly NodeOutcome[] _outcomes;

    public LatestOutcomes(RespChannel[] nodes) =>
        _outcomes = Array.ConvertAll(nodes, static node => new NodeOutcome(node.Name, NodeVote.NotAwaited, null));

    public NodeOutcome[] Copy()
    {
        using (_gate.Enter())
        {
            return [.. _outcomes];
        }
    }

    public void Record(ReadOnlySpan<NodeOutcome> outcomes)
    {
        // It is one of many that are as recent, so no operation waits for another one or for a reader.
        if (_gate.TryEnter(out Gate.Scope scope))
        {
            using (scope)
            {
                outcomes.CopyTo(_outcomes);
            }
        }
    }
}
