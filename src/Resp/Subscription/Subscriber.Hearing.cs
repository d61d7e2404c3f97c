using System.Diagnostics;

namespace Redlock.Fast.Resp;

// What comes from the node. All of it runs on the thread that reads, or, between two connections, that dials: one call at a time.
internal sealed partial class Subscriber
{
    // A server in good order sends none; one with several threads may let a few slip behind its confirmation.
    private const int MostStrays = 1024;

    private enum News : byte
    {
        Lost = 0,
        Confirmed,
        Message,
    }

    /// <inheritdoc/>
    public bool HearsPushes => true;

    /// <inheritdoc/>
    public bool TryTakePush(in RespReply push)
    {
        if (push.Type != RespType.Array || push.Count != 3)
        {
            return false;
        }

        RespReply.Enumerator items = push.GetEnumerator();
        if (!items.MoveNext() || !items.Current.Bytes.SequenceEqual("message"u8))
        {
            return false;
        }

        items.MoveNext();
        ReadOnlySpan<byte> channel = items.Current.Bytes;
        items.MoveNext();
        if (items.Current.Type != RespType.BulkString || items.Current.IsNull)
        {
            return false;
        }

        SubscriptionHandler? handler = null;
        long tag = 0;
        SubscriberConnection? connection;
        bool isFlooded = false;
        using (_gate.Enter())
        {
            AssertInvariants();
            connection = _connection;
            if (connection is null)
            {
                return IsDisposed;
            }

            connection.NoteHeard();
            if (!_channels.TryFind(channel, out ChannelEntry? entry) || entry.Stage is ChannelStage.Absent or ChannelStage.Subscribing)
            {
                isFlooded = connection.NoteStray() > MostStrays;
            }
            else if (entry is { Stage: ChannelStage.Confirmed, Handler: not null })
            {
                (handler, tag) = (entry.Handler, entry.Tag);
                _calls.Begin(entry);
            }
        }

        if (isFlooded)
        {
            connection.End(
                $"the node sent more than {MostStrays} messages to which nobody had subscribed; the connection was closed.");
        }
        else if (handler is not null)
        {
            Tell(News.Message, handler, tag, string.Empty, items.Current.Bytes);
        }

        return true;
    }

    /// <summary>The node has answered SUBSCRIBE or UNSUBSCRIBE.</summary>
    /// <param name="connection">On this connection.</param>
    /// <param name="place">The place of the channel.</param>
    /// <param name="reply">What it said.</param>
    public void Answer(SubscriberConnection connection, int place, in RespReply reply)
    {
        string? flaw;
        string? refusal;
        SubscriptionHandler? handler;
        long tag;
        using (_gate.Enter())
        {
            AssertInvariants();
            if (_connection != connection)
            {
                return;
            }

            ChannelEntry entry = _channels[place];
            Debug.Assert(entry.IsAsked, "only what was asked is answered");
            connection.NoteAnswered(entry.Command.Length);
            bool isSubscription = entry.Stage == ChannelStage.Subscribing;
            flaw = isSubscription ? FlawOfSubscription(entry, reply, out refusal) : FlawOfUnsubscription(entry, reply, out refusal);
            (handler, tag) = isSubscription && flaw is null ? (entry.Handler, entry.Tag) : (null, 0);
            if (flaw is null)
            {
                bool isConfirmed = isSubscription && refusal is null;
                entry.Stage = !isConfirmed ? ChannelStage.Absent : handler is null ? ChannelStage.Left : ChannelStage.Confirmed;
                connection.HasConfirmed |= isConfirmed;
                if (refusal is not null)
                {
                    entry.End();
                }
                else if (handler is not null)
                {
                    entry.IsToldLost = false;
                    _calls.Begin(entry);
                }

                _channels.Settle(entry);
            }
        }

        if (flaw is not null)
        {
            connection.End(flaw);
            return;
        }

        if (handler is not null && refusal is not null)
        {
            TellEnd(handler, tag, SubscriptionEnd.Refused, refusal);
        }
        else if (handler is not null)
        {
            Tell(News.Confirmed, handler, tag, string.Empty, []);
        }

        Pump();
    }

    /// <summary>Tells a subscription something that was decided under the gate, and its end if that has come meanwhile.</summary>
    private void Tell(News news, SubscriptionHandler handler, long tag, string text, ReadOnlySpan<byte> payload)
    {
        try
        {
            switch (news)
            {
                case News.Confirmed:
                    handler.OnConfirmed(tag);
                    break;
                case News.Message:
                    handler.OnMessage(tag, payload);
                    break;
                default:
                    handler.OnLost(tag, text);
                    break;
            }
        }
        catch (Exception thrown)
        {
            RespMetrics.CountFailedHandler(_node.Name, thrown);
        }

        bool isOver;
        SubscriptionEnd end;
        using (_gate.Enter())
        {
            isOver = _calls.Finish(out end);
        }

        if (isOver)
        {
            TellEnd(handler, tag, end, string.Empty);
        }
    }

    private static string NoConfirmation(string command, in RespReply reply) =>
        $"{command} was answered with {ServerText.Kind(reply)} that does not confirm it; the connection was closed. Check that the "
            + "address is a Redis server's.";

    /// <returns>Why the connection is of no use; <c>null</c> if all is well, or the node refuses just this channel.</returns>
    private string? FlawOfSubscription(ChannelEntry entry, in RespReply reply, out string? refusal)
    {
        refusal = null;
        if (reply.Type != RespType.Error)
        {
            return SubscriberConnection.IsConfirmation(reply, "subscribe"u8, entry.Channel) ? null : NoConfirmation("SUBSCRIBE", reply);
        }

        string said = _node.Text.Excerpt(reply.Bytes);
        if (ErrorCode.Of(reply) is "BUSY" or "LOADING" or "MASTERDOWN" or "MOVED" or "READONLY" or "TRYAGAIN")
        {
            return $"SUBSCRIBE was answered with \"{said}\": the node can't serve it now; the connection was closed and is tried again "
                + "soon.";
        }

        refusal = $"{_node.Name}: SUBSCRIBE was refused with \"{said}\". Allow the user SUBSCRIBE, UNSUBSCRIBE and this channel "
            + "(+subscribe +unsubscribe &pattern), or do without subscriptions.";
        return null;
    }

    /// <inheritdoc cref="FlawOfSubscription"/>
    private string? FlawOfUnsubscription(ChannelEntry entry, in RespReply reply, out string? refusal)
    {
        refusal = null;
        return reply.Type == RespType.Error
            ? $"UNSUBSCRIBE was refused with \"{_node.Text.Excerpt(reply.Bytes)}\"; the connection was closed. Allow UNSUBSCRIBE wherever "
                + "SUBSCRIBE is allowed."
            : SubscriberConnection.IsConfirmation(reply, "unsubscribe"u8, entry.Channel) ? null : NoConfirmation("UNSUBSCRIBE", reply);
    }
}
