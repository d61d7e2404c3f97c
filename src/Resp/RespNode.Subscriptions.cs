namespace Redlock.Fast.Resp;

// The second connection, on which the node sends what is published.
public sealed partial class RespNode
{
    private readonly Gate _subscriberGate = new();
    private Subscriber? _subscriber;

    /// <inheritdoc/>
    /// <remarks>
    /// The first one makes a second connection to the node, with the same dialer, login and limits, which is kept until the node is
    /// disposed.
    /// </remarks>
    public override RespSubscription TrySubscribe(ReadOnlySpan<byte> channel, SubscriptionHandler handler, long tag)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return (Volatile.Read(ref _subscriber) ?? MakeSubscriber())?.TrySubscribe(channel, handler, tag)
            ?? new RespSubscription(SubscriptionEnd.Disposed);
    }

    /// <inheritdoc/>
    public override void Unsubscribe(RespSubscription subscription) => Volatile.Read(ref _subscriber)?.Unsubscribe(subscription.Number);

    private Subscriber? MakeSubscriber()
    {
        using (_subscriberGate.Enter())
        {
            return State == RespNodeState.Disposed ? _subscriber : _subscriber ??= new Subscriber(_dialer, _context);
        }
    }

    private void DisposeSubscriber()
    {
        Subscriber? subscriber;
        using (_subscriberGate.Enter())
        {
            // The node is disposed already: from here on none is made.
            subscriber = _subscriber;
        }

        subscriber?.Dispose();
    }
}
