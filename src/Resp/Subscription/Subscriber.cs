using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Redlock.Fast.Resp;

/// <summary>
/// A node's second connection, on which it sends what is published: made with the first subscription, kept, and made again after each loss.
/// </summary>
/// <remarks>
/// One SUBSCRIBE a channel: a node refuses one with several channels as a whole, and does not say for which. They go out many in a write.
/// No lock is held while something is sent or somebody is told.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Dispose is its end, of which nobody needs the interface.")]
internal sealed partial class Subscriber : IConnectionObserver
{
    // Below what a queue takes by default; the rest waits here, where it can still change its mind.
    private const int MostOnTheWay = 1024;

    private readonly Gate _gate = new();
    private readonly ChannelTable _channels = new();
    private readonly ConnectionKeeper _keeper;
    private readonly SubscriberWatch _watch;
    private readonly NodeContext _node;
    private readonly int _mostChannels;
    private readonly int _mostOnTheWay;
    private readonly int _mostBytesOnTheWay;
    private SubscriberConnection? _connection;
    private SubscriptionCalls _calls;
    private int _closures;

    /// <summary>Starts to connect.</summary>
    /// <param name="dialer">The node's dialer.</param>
    /// <param name="node">The node.</param>
    public Subscriber(Dialer dialer, NodeContext node)
    {
        RespNodeOptions options = node.Options;
        _node = node;
        _mostChannels = options.MaxSubscriptions;

        // Beside them a PING finds room.
        _mostOnTheWay = Math.Max(1, Math.Min(MostOnTheWay, options.QueueLimits.OrdinaryRequests - 1));
        _mostBytesOnTheWay = options.QueueLimits.OrdinaryBytes - SubscriberWatch.PingBytes;
        _watch = new SubscriberWatch(this, options);
        _keeper = new ConnectionKeeper(dialer, node with { Options = options with { Scripts = [] } }, this);
        _keeper.Start($"{node.Name} subscriber");
    }

    private bool IsDisposed => _keeper.State == RespNodeState.Disposed;

    public RespSubscription TrySubscribe(ReadOnlySpan<byte> channel, SubscriptionHandler handler, long tag)
    {
        long number;
        using (_gate.Enter())
        {
            AssertInvariants();
            if (IsDisposed)
            {
                return new RespSubscription(SubscriptionEnd.Disposed);
            }

            if (!_channels.TryFind(channel, out ChannelEntry? entry))
            {
                if (_channels.Count >= _mostChannels || ChannelTable.FrameBytes(channel.Length) > _mostBytesOnTheWay)
                {
                    return new RespSubscription(SubscriptionEnd.NoRoom);
                }

                entry = _channels.Add(channel);
            }
            else if (entry.Handler is not null)
            {
                return new RespSubscription(SubscriptionEnd.AlreadySubscribed);
            }

            entry.Begin(handler, tag);
            _channels.Settle(entry);
            _watch.Start();
            number = entry.Number;
        }

        Pump();
        return new RespSubscription(number);
    }

    public void Unsubscribe(long number)
    {
        SubscriptionHandler handler;
        long tag;
        bool isOwed;
        using (_gate.Enter())
        {
            AssertInvariants();
            if (!_channels.TryFind(number, out ChannelEntry? entry))
            {
                return;
            }

            (handler, tag) = (entry.Handler!, entry.Tag);
            isOwed = _calls.TryOwe(number, SubscriptionEnd.Unsubscribed);
            entry.End();
            _channels.Settle(entry);
        }

        if (!isOwed)
        {
            TellEnd(handler, tag, SubscriptionEnd.Unsubscribed, string.Empty);
        }

        Pump();
    }

    public void Dispose()
    {
        if (!_keeper.TryDispose())
        {
            return;
        }

        using (_gate.Enter())
        {
            // Whoever enters from here on finds it disposed, and whoever was here before is told its end below.
            _connection = null;
        }

        NodeHandlers.Run(_node.Name, _watch.Dispose);
        EndAll(SubscriptionEnd.Disposed, string.Empty);
    }

    /// <summary>Asks for a sign of life, or gives the connection up for the lack of one. Called by the timer.</summary>
    public void LookForLife()
    {
        SubscriberConnection? connection;
        SubscriberWatch.Finding finding;
        using (_gate.Enter())
        {
            AssertInvariants();
            connection = _connection;
            finding = _watch.Look(connection, _channels.Count);
        }

        if (finding == SubscriberWatch.Finding.Quiet)
        {
            connection!.Ping();
        }
        else if (finding == SubscriberWatch.Finding.Dead)
        {
            connection!.End(
                $"the node has sent nothing to its subscriber for {_watch.Limit.TotalSeconds:0.##} s and has not answered "
                    + "PING; the connection was closed.");
        }
    }

    /// <summary>Sends what there is to say, as long as not too much is on its way.</summary>
    private void Pump()
    {
        while (true)
        {
            SubscriberConnection connection;
            ChannelEntry? entry;
            using (_gate.Enter())
            {
                AssertInvariants();
                if (_connection is null || !_channels.TryPeek(out entry)
                    || !_connection.HasRoom(entry.Command.Length, _mostOnTheWay, _mostBytesOnTheWay))
                {
                    return;
                }

                connection = _connection;
                connection.NoteAsked(entry.Command.Length);
                entry.Stage = entry.Stage == ChannelStage.Absent ? ChannelStage.Subscribing : ChannelStage.Unsubscribing;
                _channels.Settle(entry);
            }

            // It is nobody else's until it is answered or the connection is gone; and on one that is gone nothing is sent.
            connection.Send(entry);
        }
    }

    /// <summary>Ends every subscription there is.</summary>
    private void EndAll(SubscriptionEnd end, string text)
    {
        for (int place = 0; ; place++)
        {
            SubscriptionHandler handler;
            long tag;
            using (_gate.Enter())
            {
                if (place >= _channels.Places)
                {
                    return;
                }

                ChannelEntry entry = _channels[place];
                if (entry.Handler is null)
                {
                    continue;
                }

                (handler, tag) = (entry.Handler, entry.Tag);
                bool isOwed = _calls.TryOwe(entry.Number, end);
                entry.End();
                _channels.Settle(entry);
                if (isOwed)
                {
                    continue;
                }
            }

            TellEnd(handler, tag, end, text);
        }
    }

    private void TellEnd(SubscriptionHandler handler, long tag, SubscriptionEnd end, string text)
    {
        try
        {
            handler.OnEnded(tag, end, text);
        }
        catch (Exception thrown)
        {
            RespMetrics.CountFailedHandler(_node.Name, thrown);
        }
    }

    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        _gate.AssertEntered();
        _channels.AssertInvariants();
    }
}
