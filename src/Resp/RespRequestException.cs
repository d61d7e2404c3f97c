namespace Redlock.Fast.Resp;

/// <summary>A request got no reply.</summary>
public sealed class RespRequestException : IOException
{
    /// <summary>Says why.</summary>
    /// <param name="failure">What happened.</param>
    /// <param name="message">The same in words, with the node's name.</param>
    public RespRequestException(RequestFailure failure, string message)
        : base(message) => Failure = failure;

    /// <summary>What happened; it also tells whether the node may have executed the command.</summary>
    public RequestFailure Failure { get; }
}
