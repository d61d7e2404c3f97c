using System.Diagnostics.CodeAnalysis;

namespace Redlock.Fast.Resp;

// How connections come and go.
internal sealed partial class Subscriber
{
    // Once it may be a crash, or a kill; a proxy that does not know the command does it always.
    private const int ClosuresOfAProxy = 3;

    /// <inheritdoc/>
    public void OnState(RespNodeState state)
    {
        if (state == RespNodeState.Connected)
        {
            using (_gate.Enter())
            {
                AssertInvariants();
                if (IsDisposed)
                {
                    return;
                }

                _connection = new SubscriberConnection(this, _keeper.Connection);
                _watch.Start();
            }

            Pump();
        }
        else if (state == RespNodeState.Disconnected)
        {
            Lose(_keeper.Connection.End!);
        }
    }

    private void Lose(ConnectionEnd end)
    {
        bool isProxy;
        using (_gate.Enter())
        {
            AssertInvariants();
            bool isClosure = _connection is { HasConfirmed: false, IsAwaited: true } && end.Cause == ConnectionEndCause.ClosedByNode;
            _closures = isClosure ? _closures + 1 : _connection is { HasConfirmed: true } ? 0 : _closures;
            isProxy = _closures >= ClosuresOfAProxy;
            _closures = isProxy ? 0 : _closures;
            _connection = null;
            _channels.Forget();
        }

        if (isProxy)
        {
            EndAll(
                SubscriptionEnd.Refused,
                $"{_node.Name}: the node closed the connection at SUBSCRIBE {ClosuresOfAProxy} times in a row; what stands between may "
                + "not know the command. Name the server itself as the node, or do without subscriptions.");
            return;
        }

        for (int place = 0; TryBeginLoss(ref place, out SubscriptionHandler? handler, out long tag); place++)
        {
            Tell(News.Lost, handler, tag, end.Text, []);
        }
    }

    private bool TryBeginLoss(ref int place, [NotNullWhen(true)] out SubscriptionHandler? handler, out long tag)
    {
        (handler, tag) = (null, 0);
        using (_gate.Enter())
        {
            for (; place < _channels.Places; place++)
            {
                ChannelEntry entry = _channels[place];
                if (entry.Handler is not null && !entry.IsToldLost)
                {
                    (handler, tag) = (entry.Handler, entry.Tag);
                    entry.IsToldLost = true;
                    _calls.Begin(entry);
                    return true;
                }
            }

            return false;
        }
    }
}
