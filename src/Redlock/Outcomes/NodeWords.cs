using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Redlock.Fast;

/// <summary>What each node said in one attempt, handed over by value: it is put into words for whoever asks, and for nobody else.</summary>
internal readonly struct NodeWords
{
    private readonly LatestOutcomes? _nodes;
    private readonly NodeOutcome[][] _phrases;
    private readonly Codes _codes;

    /// <param name="nodes">Who was asked, and for which name.</param>
    /// <param name="outcomes">What each of them said.</param>
    public NodeWords(LatestOutcomes nodes, ReadOnlySpan<NodeOutcome> outcomes)
    {
        Debug.Assert(outcomes.Length <= QuorumSize.MostNodes, "there is room for the word of every node");
        _nodes = nodes;
        Codes codes = default;
        _phrases = nodes.Phrases.Encode(outcomes, codes);
        _codes = codes;
    }

    /// <summary>The lock's name; <c>null</c> if nobody was asked for any.</summary>
    public string? Name => _nodes?.Name;

    /// <summary>In the order of the factory's nodes, in an array of the caller's own.</summary>
    public NodeOutcome[] ToArray()
    {
        NodeOutcome[] outcomes = _nodes?.NotAsked() ?? [];
        for (int node = 0; node < outcomes.Length; node++)
        {
            outcomes[node] = Phrases.Decode(_phrases, node, _codes[node], outcomes[node].Node);
        }

        return outcomes;
    }

    [InlineArray(QuorumSize.MostNodes)]
    private struct Codes
    {
        private byte _first;
    }
}
