using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>What each node said in the latest operations on a mutex, for whoever looks from outside.</summary>
/// <param name="name">The lock's name.</param>
/// <param name="nodes">Who is asked.</param>
/// <param name="phrases">What they say of which there is more to tell than a vote.</param>
internal sealed class LatestOutcomes(string name, RespChannel[] nodes, Phrases phrases)
{
    private readonly Gate _gate = new();
    private readonly NodeOutcome[] _outcomes = NotAsked(nodes);

    public string Name => name;

    public Phrases Phrases => phrases;

    /// <summary>What is said of nodes before anybody has asked them.</summary>
    public NodeOutcome[] NotAsked() => NotAsked(nodes);

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

    private static NodeOutcome[] NotAsked(RespChannel[] nodes) =>
        Array.ConvertAll(nodes, static node => new NodeOutcome(node.Name, NodeVote.NotAwaited, null));
}
