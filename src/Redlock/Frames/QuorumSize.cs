namespace Redlock.Fast;

/// <summary>How many nodes there can be, and how many of them decide.</summary>
internal static class QuorumSize
{
    /// <summary>The most nodes: a vote is a bit, and more nodes would only cost latency.</summary>
    public const int MostNodes = 31;

    /// <summary>The smallest number of nodes of which any two sets share a node: more than half.</summary>
    public static int Of(int nodes) => (nodes / 2) + 1;

    /// <exception cref="ArgumentOutOfRangeException">There are none, or too many.</exception>
    public static void Check(int nodes, string parameter)
    {
        if (nodes is < 1 or > MostNodes)
        {
            throw new ArgumentOutOfRangeException(parameter, nodes, $"A quorum needs 1 to {MostNodes} nodes.");
        }
    }
}
