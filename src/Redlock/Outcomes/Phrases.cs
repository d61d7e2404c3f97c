namespace Redlock.Fast;

/// <summary>
/// What nodes say of which there is more to tell than a vote. Nodes in trouble repeat themselves, so each phrase is kept once, and an
/// attempt remembers which it was.
/// </summary>
internal sealed class Phrases(int nodes)
{
    // The votes that say all there is are their own codes; behind them come the phrases.
    private const int FirstPhrase = (int)NodeVote.HeldByOther + 1;

    // What makes a new phrase each time is not kept for ever. So that a code fits into a byte.
    private const int MostOfANode = 200;

    // Never changed, but replaced: whoever has the codes has the phrases that they were made with.
    private NodeOutcome[][]? _phrases;

    /// <summary>Puts what was said into a byte a node.</summary>
    /// <returns>What <see cref="Decode"/> makes outcomes of them by.</returns>
    public NodeOutcome[][] Encode(ReadOnlySpan<NodeOutcome> outcomes, Span<byte> codes)
    {
        NodeOutcome[][] known = Volatile.Read(ref _phrases) ?? [];
        NodeOutcome[][] phrases = known;
        for (int node = 0; node < outcomes.Length; node++)
        {
            ref readonly NodeOutcome outcome = ref outcomes[node];
            codes[node] = outcome.Error is null && (int)outcome.Vote < FirstPhrase
                ? (byte)outcome.Vote
                : (byte)(FirstPhrase + PlaceOf(outcome, node, ref phrases));
        }

        if (!ReferenceEquals(phrases, known))
        {
            Volatile.Write(ref _phrases, phrases);
        }

        return phrases;
    }

    public static NodeOutcome Decode(NodeOutcome[][] phrases, int node, byte code, string name) =>
        code < FirstPhrase ? new NodeOutcome(name, (NodeVote)code, null) : phrases[node][code - FirstPhrase];

    private int PlaceOf(in NodeOutcome outcome, int node, ref NodeOutcome[][] phrases)
    {
        NodeOutcome[] ofNode = phrases.Length == 0 ? [] : phrases[node];
        for (int place = 0; place < ofNode.Length; place++)
        {
            if (ofNode[place] == outcome)
            {
                return place;
            }
        }

        NodeOutcome[] longer = ofNode.Length < MostOfANode ? [.. ofNode, outcome] : [outcome];
        phrases = phrases.Length == 0 ? Array.ConvertAll(new int[nodes], static _ => Array.Empty<NodeOutcome>()) : [.. phrases];
        phrases[node] = longer;
        return longer.Length - 1;
    }
}
