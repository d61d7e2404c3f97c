namespace Redlock.Fast;

/// <summary>Which connected node gives no votes, and what it says.</summary>
public sealed class NodeTroubledEventArgs : EventArgs
{
    /// <summary>Describes a trouble.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="trouble">Of what kind.</param>
    /// <param name="words">What it said, or did not say, in one printable line without secrets.</param>
    public NodeTroubledEventArgs(string node, NodeTrouble trouble, string words)
    {
        Node = node;
        Trouble = trouble;
        Words = words;
    }

    /// <summary>The node's name.</summary>
    public string Node { get; }

    /// <summary>Of what kind.</summary>
    public NodeTrouble Trouble { get; }

    /// <summary>What it said, or did not say, in one printable line without secrets.</summary>
    public string Words { get; }
}
