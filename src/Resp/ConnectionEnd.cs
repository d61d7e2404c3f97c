namespace Redlock.Fast.Resp;

/// <summary>Why a connection is over.</summary>
/// <param name="Failure">What requests are told that it had not yet sent.</param>
/// <param name="Text">What happened, for people; names the node, holds no credentials.</param>
internal sealed record ConnectionEnd(RequestFailure Failure, string Text)
{
    /// <summary>Whether the address may lead to a better server, so that nothing is gained by waiting.</summary>
    public bool IsMisdirection { get; init; }
}
