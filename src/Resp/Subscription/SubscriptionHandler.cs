namespace Redlock.Fast.Resp;

/// <summary>Told what comes of subscriptions. One handler may serve any number of them, on any number of nodes.</summary>
/// <remarks>
/// <para>
/// Of one subscription the calls come one after another: <see cref="OnConfirmed"/>, messages, <see cref="OnLost"/>, again and again, and at
/// last <see cref="OnEnded"/>, exactly once; nothing follows it. They come on the node's reading thread, of several nodes at once, possibly
/// before the subscribing call has returned. They must be short and must not block: all other subscriptions of the node wait meanwhile.
/// </para>
/// <para>
/// Messages are hints: what is published while there is no connection is lost, as is what a node drops, and nothing says so but the next
/// <see cref="OnConfirmed"/>. What a handler throws is counted by <c>resp.handlers.failed</c> and goes no further.
/// </para>
/// </remarks>
public abstract class SubscriptionHandler
{
    /// <summary>
    /// From now on the node sends what is published. Comes again after each loss: whatever there is to be known must then be asked for
    /// anew.
    /// </summary>
    /// <param name="tag">The subscription's tag.</param>
    public abstract void OnConfirmed(long tag);

    /// <summary>Something was published.</summary>
    /// <param name="tag">The subscription's tag.</param>
    /// <param name="payload">What; readable only during this call.</param>
    public abstract void OnMessage(long tag, ReadOnlySpan<byte> payload);

    /// <summary>
    /// Nothing will be heard until the next <see cref="OnConfirmed"/>: the connection was lost, or could not be made. It is dialed again.
    /// </summary>
    /// <param name="tag">The subscription's tag.</param>
    /// <param name="text">What happened, for people; names the node, holds no credentials.</param>
    public abstract void OnLost(long tag, string text);

    /// <summary>It is over, and nothing more is told.</summary>
    /// <param name="tag">The subscription's tag.</param>
    /// <param name="reason">Why.</param>
    /// <param name="text">Of a refusal what was asked, on which node, and what it said, for people; else empty.</param>
    /// <remarks>
    /// After <see cref="RespChannel.Unsubscribe"/>, and when a node is disposed, it comes before that call returns, on the thread that
    /// calls. If another call for the subscription is under way then, be it the one from which it is unsubscribed, it comes right behind
    /// that one, on the same thread.
    /// </remarks>
    public abstract void OnEnded(long tag, SubscriptionEnd reason, string text);
}
