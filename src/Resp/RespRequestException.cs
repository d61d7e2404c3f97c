namespace Redlock.Fast.Resp;

/// <summary>A request got no reply, or a node that was waited for can't be connected.</summary>
public sealed class RespRequestException : IOException
{
    /// <summary>Says why.</summary>
    /// <param name="failure">What happened.</param>
    /// <param name="message">The same in words, with the node's name.</param>
    public RespRequestException(RequestFailure failure, string message)
        : base(message) => Failure = failure;

    /// <summary>What happened; of a request it also tells whether the node may have executed it.</summary>
    public RequestFailure Failure { get; }
}
