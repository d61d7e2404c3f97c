using System.Diagnostics;

namespace Redlock.Fast.Resp;

/// <summary>One connection of a subscriber: sends its commands, counts what is on its way, and hands on what is answered.</summary>
/// <remarks>Counts are guarded by the subscriber's gate.</remarks>
internal sealed class SubscriberConnection(Subscriber subscriber, RespConnection connection) : ReplyHandler
{
    private const long PingTag = -1;

    private int _onTheWay;
    private int _bytesOnTheWay;
    private int _strays;
    private long _heard;

    private static ReadOnlySpan<byte> PingFrame => "*1\r\n$4\r\nPING\r\n"u8;

    /// <summary>Whether a subscription was ever confirmed on it.</summary>
    public bool HasConfirmed { get; set; }

    /// <summary>Whether an answer is to come to SUBSCRIBE or UNSUBSCRIBE.</summary>
    public bool IsAwaited => _onTheWay > 0;

    /// <summary>Grows with whatever comes from the node.</summary>
    public long Heard => Interlocked.Read(ref _heard);

    /// <summary>Whether a reply confirms a command: <c>[kind, channel, how many there are]</c>.</summary>
    public static bool IsConfirmation(in RespReply reply, ReadOnlySpan<byte> kind, ReadOnlySpan<byte> channel)
    {
        if (reply.Type != RespType.Array || reply.Count != 3)
        {
            return false;
        }

        RespReply.Enumerator items = reply.GetEnumerator();
        bool isIt = items.MoveNext() && items.Current.Bytes.SequenceEqual(kind);
        isIt &= items.MoveNext() && items.Current.Type == RespType.BulkString && items.Current.Bytes.SequenceEqual(channel);
        return isIt && items.MoveNext() && items.Current.Type == RespType.Integer;
    }

    public bool HasRoom(int frameBytes, int mostCommands, int mostBytes) =>
        _onTheWay < mostCommands && _bytesOnTheWay + frameBytes <= mostBytes;

    public void NoteAsked(int frameBytes)
    {
        _onTheWay++;
        _bytesOnTheWay += frameBytes;
    }

    public void NoteAnswered(int frameBytes)
    {
        _onTheWay--;
        _bytesOnTheWay -= frameBytes;
        Debug.Assert(_onTheWay >= 0 && _bytesOnTheWay >= 0, "only what is on its way is answered");
    }

    public void NoteHeard() => Interlocked.Increment(ref _heard);

    /// <returns>How many messages came to which nobody had subscribed.</returns>
    public int NoteStray() => ++_strays;

    public void Send(ChannelEntry entry) => Send(entry.Command, entry.Index, RequestPriority.Ordinary);

    /// <summary>Asks for a sign of life.</summary>
    public void Ping() => Send(PingFrame, PingTag, RequestPriority.Reserved);

    public void End(string what) => connection.Finish(RequestFailure.NotConnected, what);

    public override void OnReply(long tag, in RespReply reply)
    {
        NoteHeard();
        if (tag != PingTag)
        {
            subscriber.Answer(this, (int)tag, reply);
        }
        else if (!IsPong(reply))
        {
            End(
                $"PING was answered with {ServerText.Kind(reply)} in place of pong; the connection was closed. Check that the "
                    + "address is a Redis server's.");
        }
    }

    public override void OnFailure(long tag, RequestFailure failure)
    {
        // The connection is over; the subscriber is told so by who keeps it.
    }

    /// <summary>A client with subscriptions is answered with an array.</summary>
    private static bool IsPong(in RespReply reply)
    {
        RespReply.Enumerator items = reply.GetEnumerator();
        return reply.Bytes.SequenceEqual("PONG"u8) || (items.MoveNext() && items.Current.Bytes.SequenceEqual("pong"u8));
    }

    private void Send(ReadOnlySpan<byte> frame, long tag, RequestPriority priority)
    {
        RespTicket ticket = connection.TrySend(
            frame, new RespRequest { Handler = this, Tag = tag, DeadlineTicks = long.MaxValue, Priority = priority });
        if (ticket.Failure == RequestFailure.QueueFull)
        {
            End("the queue of the node's subscriber is full though little is on its way; the connection was closed.");
        }
    }
}
