using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Redlock.Fast.Resp;

/// <summary>A node's second connection, on which it sends what is published: made with the first subscription, kept, and made again after each loss.</summary>
/// <remarks>
/// One SUBSCRIBE a channel: a node refuses one with several channels as a whole, and does not say for which. They go out many in a write. No lock is held
/// while something is sent or somebody is told.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Dispose is its end, of which nobody needs the interface.")]
internal sealed partial class Subscriber : IPushReceiver
{
    // Below what a queue takes by default; the rest waits here, where it can still change its mind.
    private const int MostOnTheWay = 1024;

    private readonly Gate _gate = new();
    private readonly ChannelTable _channels = new();
    private readonly ConnectionKeeper _keeper;
    private readonly SubscriberWatch _watch;
    private readonly ServerText _serverText;
    private readonly string _name;
    private readonly int _mostChannels;
    private readonly int _mostOnTheWay;
    private readonly int _mostBytesOnTheWay;
    private SubscriberConnection? _connection;
    private SubscriptionCalls _calls;
    private int _closures;
    private bool _isDisposed;

    /// <summary>Starts to connect.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="dialer">The node's dialer.</param>
    /// <param name="options">The node's options.</param>
    public Subscriber(string name, Dialer dialer, RespNodeOptions options)
    {
        _name = name;
        _serverText = new ServerText(options.Password);
        _mostChannels = options.MaxSubscriptions;

        // Beside them a PING finds room.
        _mostOnTheWay = Math.Max(1, Math.Min(MostOnTheWay, options.QueueLimits.OrdinaryRequests - 1));
        _mostBytesOnTheWay = options.QueueLimits.OrdinaryBytes - SubscriberWatch.PingBytes;
        _watch = new SubscriberWatch(this, options);
        _keeper = new ConnectionKeeper(dialer, options with { Scripts = [] }, OnState, static () => { }, this);
        _keeper.Start();
    }

    public RespSubscription TrySubscribe(ReadOnlySpan<byte> channel, SubscriptionHandler handler, long tag)
    {
        long number;
        using (_gate.Enter())
        {
            AssertInvariants();
            if (_isDisposed)
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
        using (_gate.Enter())
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            _connection = null;
        }

        _keeper.TryDispose();
        NodeHandlers.Run(_name, _watch.Dispose);
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
                $"{_name}: the node has sent nothing to its subscriber for {_watch.Limit.TotalSeconds:0.##} s and has not answered PING; the connection was closed.");
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
                if (_connection is null || !_channels.TryPeek(out entry) || !_connection.HasRoom(entry.Command.Length, _mostOnTheWay, _mostBytesOnTheWay))
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
            RespMetrics.CountFailedHandler(_name, thrown);
        }
    }

    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        _gate.AssertEntered();
        Debug.Assert(!_isDisposed || _connection is null, "nothing is sent after the end");
        _channels.AssertInvariants();
    }
}
