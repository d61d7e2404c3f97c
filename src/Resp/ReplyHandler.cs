namespace Redlock.Fast.Resp;

/// <summary>Told what became of requests. One handler may serve any number of them, on any number of channels.</summary>
/// <remarks>
/// Calls come on the threads that read replies and keep time, possibly several at once, possibly before the sending call has returned.
/// They must be short and must not block: every other request of the node waits meanwhile.
/// </remarks>
public abstract class ReplyHandler
{
    /// <summary>The node answered.</summary>
    /// <param name="tag">The request's tag.</param>
    /// <param name="reply">The reply, an error reply included; readable only during this call.</param>
    public abstract void OnReply(long tag, in RespReply reply);

    /// <summary>Whether a request is still to be executed that the node did not, because it has forgotten the script.</summary>
    /// <param name="tag">The request's tag.</param>
    /// <returns>
    /// False if the request was undone meanwhile: what undoes it has been sent, and repeating it behind that would undo nothing. True by
    /// default.
    /// </returns>
    /// <remarks>Asked inside the connection: it must look at fields of its own, and do nothing else.</remarks>
    public virtual bool Wants(long tag) => true;

    /// <summary>What its requests without a script are called in figures; <c>null</c> leaves that out.</summary>
    internal virtual string? Command => null;

    /// <summary>There will be no reply.</summary>
    /// <param name="tag">The request's tag.</param>
    /// <param name="failure">Why.</param>
    public abstract void OnFailure(long tag, RequestFailure failure);
}
