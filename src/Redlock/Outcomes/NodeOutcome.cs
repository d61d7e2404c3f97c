using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>What became of one node's vote in an attempt.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Vote">What it said.</param>
/// <param name="Error">What went wrong, for people; <c>null</c> if nothing did.</param>
public readonly record struct NodeOutcome(string Node, NodeVote Vote, string? Error)
{
    /// <summary>Why there is no vote; <see cref="NodeCause.None"/> if there is one.</summary>
    public NodeCause Cause { get; init; }

    /// <summary>
    /// The code of an <see cref="NodeCause.ErrorReply"/>, such as LOADING; <c>null</c> if there is none, or none that Redis is known to
    /// use.
    /// </summary>
    public string? ErrorCode { get; init; }

    /// <summary>The number that came with a vote for a fenced lock.</summary>
    internal long FencingNumber { get; init; }

    /// <summary>One printable line for a log, in which the node is named once.</summary>
    public override string ToString() => PrintableText.Of(
        Error is null ? $"{Node}: {Vote}"
        : Error.StartsWith(Node, StringComparison.Ordinal) ? $"{Vote}: {Error}"
        : $"{Node}: {Vote}: {Error}");
}
