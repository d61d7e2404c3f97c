namespace Redlock.Fast.Resp;

/// <summary>Why a connection is over.</summary>
/// <param name="Failure">What requests are told that it had not yet sent.</param>
/// <param name="Text">What happened, for people; names the node, holds no credentials.</param>
internal sealed record ConnectionEnd(RequestFailure Failure, string Text)
{
    /// <summary>What the next dial makes of it.</summary>
    public ConnectionEndCause Cause { get; init; }
}
