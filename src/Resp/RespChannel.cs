namespace Redlock.Fast.Resp;

/// <summary>An ordered path to one node: frames are executed in the order in which they were taken, and answered in it.</summary>
public abstract class RespChannel
{
    /// <summary>What errors call the node; no credentials. Two channels with one name lead to the same node.</summary>
    public abstract string Name { get; }

    /// <summary>The clock that deadlines are measured on.</summary>
    public abstract TimeProvider TimeProvider { get; }

    /// <summary>Who answers at the node's address, as it said when the connection was made; <c>null</c> if nobody has yet.</summary>
    public virtual RespServer? Server => null;

    /// <summary>Gives the channel one complete command frame to send, without waiting for anything.</summary>
    /// <param name="frame">A RESP array of bulk strings; copied before the call returns.</param>
    /// <param name="request">Who is told, by when, and what it must follow.</param>
    /// <returns>
    /// Whether the frame was taken. If it was, the handler is told exactly once; if not, it is not told, and nothing was sent.
    /// </returns>
    public abstract RespTicket TrySend(ReadOnlySpan<byte> frame, in RespRequest request);

    /// <summary>Puts a failure into words for the person who reads the log: the node, what happened, the last error known.</summary>
    /// <param name="failure">A failure that this channel reported.</param>
    public abstract string Describe(RequestFailure failure);

    /// <summary>Makes text for a person of bytes that the node sent: use it for whatever of a reply goes into an error or a log.</summary>
    /// <param name="received">The payload of a reply.</param>
    /// <returns>One line of printable ASCII, cut after 200 bytes, in which the password of the node shows as <c>***</c>.</returns>
    public virtual string Excerpt(ReadOnlySpan<byte> received) => ServerText.OfNoSecret.Excerpt(received);

    /// <summary>Waits until requests are sent at once. A channel that never connects is always ready.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public virtual Task WaitUntilConnectedAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <summary>
    /// Raised when <see cref="Server"/> is another, before any reply of that one is handed on, on the thread that reads. Short, and throws
    /// nothing.
    /// </summary>
    internal virtual event Action? Introduced
    {
        add { }
        remove { }
    }

    /// <summary>
    /// The turn of reading replies, to be taken by a thread that is going to block for one of them; <c>null</c> if the channel has none to
    /// give, which is always right.
    /// </summary>
    internal virtual RespReadTurn? ReadTurn => null;

    /// <summary>Wishes to hear what is published on a channel of the node, without waiting for anything.</summary>
    /// <param name="channel">The channel's name; copied before the call returns.</param>
    /// <param name="handler">Told when the node has confirmed it, of each message, of losses, and of the end.</param>
    /// <param name="tag">Handed back to the handler, which tells its subscriptions apart by it.</param>
    /// <returns>
    /// Whether the subscription was taken. If it was, it lasts over all losses until it is unsubscribed, refused by the node, or the node
    /// is disposed, and the handler is told its end exactly once; if not, the handler is told nothing. A channel has one handler a node.
    /// </returns>
    public virtual RespSubscription TrySubscribe(ReadOnlySpan<byte> channel, SubscriptionHandler handler, long tag) => default;

    /// <summary>Ends a subscription, without waiting for the node or for anybody.</summary>
    /// <param name="subscription">As it was given. One that is over already, or was never taken, is left alone.</param>
    /// <remarks>
    /// Its handler is told <see cref="SubscriptionHandler.OnEnded"/> before this returns, and nothing behind that. Only while another call
    /// for this very subscription is under way does this return first: that call is finished, <see cref="SubscriptionHandler.OnEnded"/>
    /// comes right behind it, and then nothing.
    /// </remarks>
    public virtual void Unsubscribe(RespSubscription subscription)
    {
    }

    /// <summary>Has a script loaded on the node whenever a connection is made.</summary>
    /// <param name="script">The script; preparing it twice is the same as once.</param>
    public virtual void Prepare(RespScript script)
    {
    }
}
