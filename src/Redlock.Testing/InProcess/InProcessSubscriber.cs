using System.Buffers;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>
/// Subscriptions to a node that is an object: told one after another, by whichever thread has something to tell, and under no lock.
/// </summary>
internal sealed class InProcessSubscriber
{
    private readonly Lock _gate = new();
    private readonly InMemoryServer _server;
    private readonly InMemoryClient _client;
    private readonly InMemoryRequest _request = new();
    private readonly ArrayBufferWriter<byte> _received = new();
    private readonly Dictionary<byte[], Entry> _byChannel = new(ByteKeyComparer.Instance);
    private readonly Queue<News> _news = new();
    private Entry? _told;
    private long _lastNumber;
    private bool _isTelling;
    private bool _isEndOwed;
    private bool _isStopped;
    private string _stopText = string.Empty;

    public InProcessSubscriber(InMemoryServer server)
    {
        _server = server;
        _client = new InMemoryClient(server);
    }

    private enum NewsKind
    {
        Lost = 0,
        Confirmed,
        Message,
    }

    public RespSubscription TrySubscribe(ReadOnlySpan<byte> channel, SubscriptionHandler handler, long tag)
    {
        lock (_gate)
        {
            if (_byChannel.GetAlternateLookup<ReadOnlySpan<byte>>().ContainsKey(channel))
            {
                return new RespSubscription(SubscriptionEnd.AlreadySubscribed);
            }

            Entry entry = new Entry(channel.ToArray(), handler, tag, ++_lastNumber);
            _byChannel.Add(entry.Channel, entry);
            if (_isStopped)
            {
                _news.Enqueue(new News(NewsKind.Lost, entry, Encoding.UTF8.GetBytes(_stopText)));
            }
            else
            {
                Ask("SUBSCRIBE"u8, entry);
            }

            return new RespSubscription(entry.Number);
        }
    }

    public void Unsubscribe(long number)
    {
        Entry? entry = null;
        lock (_gate)
        {
            foreach (Entry candidate in _byChannel.Values)
            {
                entry = candidate.Number == number ? candidate : entry;
            }

            if (entry is null)
            {
                return;
            }

            _byChannel.Remove(entry.Channel);
            Ask("UNSUBSCRIBE"u8, entry);
            if (_told == entry)
            {
                _isEndOwed = true;
                return;
            }
        }

        TellEnd(entry);
    }

    public void Stop(string text)
    {
        lock (_gate)
        {
            _isStopped = true;
            _stopText = text;
            Receive();
            _server.Change(channels => channels.Board.Forget(_client.Listener));
            foreach (Entry entry in _byChannel.Values)
            {
                _news.Enqueue(new News(NewsKind.Lost, entry, Encoding.UTF8.GetBytes(text)));
            }
        }
    }

    public void Start()
    {
        lock (_gate)
        {
            _isStopped = false;
            foreach (Entry entry in _byChannel.Values)
            {
                Ask("SUBSCRIBE"u8, entry);
            }
        }
    }

    /// <summary>Tells what there is to tell, unless somebody does so already.</summary>
    public void Tell()
    {
        while (TryBegin(out News news))
        {
            Tell(news);
            bool isOver;
            lock (_gate)
            {
                _isTelling = false;
                _told = null;
                isOver = _isEndOwed;
                _isEndOwed = false;
            }

            if (isOver)
            {
                TellEnd(news.Entry);
            }
        }
    }

    // What a handler throws goes no further, as with a node.
    private static void Tell(News news)
    {
        (NewsKind kind, Entry? entry, byte[]? payload) = news;
        try
        {
            switch (kind)
            {
                case NewsKind.Confirmed:
                    entry.Handler.OnConfirmed(entry.Tag);
                    break;
                case NewsKind.Message:
                    entry.Handler.OnMessage(entry.Tag, payload);
                    break;
                default:
                    entry.Handler.OnLost(entry.Tag, Encoding.UTF8.GetString(payload));
                    break;
            }
        }
        catch (Exception)
        {
            // Nobody counts it here.
        }
    }

    private static void TellEnd(Entry entry)
    {
        try
        {
            entry.Handler.OnEnded(entry.Tag, SubscriptionEnd.Unsubscribed, string.Empty);
        }
        catch (Exception)
        {
            // Nobody counts it here.
        }
    }

    private bool TryBegin(out News news)
    {
        lock (_gate)
        {
            Receive();
            news = default;
            while (!_isTelling && _news.TryDequeue(out news))
            {
                // Of one that has ended meanwhile nothing is told.
                if (_byChannel.TryGetValue(news.Entry.Channel, out Entry? current) && current == news.Entry)
                {
                    _isTelling = true;
                    _told = news.Entry;
                    return true;
                }
            }

            return false;
        }
    }

    private void Ask(ReadOnlySpan<byte> command, Entry entry)
    {
        _request.Clear();
        _request.Add(command);
        _request.Add(entry.Channel);
        _server.Execute(_client, _request, _received);
        Receive();
    }

    /// <summary>Makes news of what the node has sent.</summary>
    private void Receive()
    {
        _server.TakePushes(_client, _received);
        ReadOnlySpan<byte> rest = _received.WrittenSpan;
        while (new RespReader(InMemoryRequestReader.Limits).TryRead(rest, out RespReply reply, out int length) == RespReadStatus.Done)
        {
            rest = rest[length..];
            RespReply.Enumerator items = reply.GetEnumerator();
            items.MoveNext();
            NewsKind kind = items.Current.Bytes.SequenceEqual("message"u8) ? NewsKind.Message
                : items.Current.Bytes.SequenceEqual("subscribe"u8) ? NewsKind.Confirmed
                : NewsKind.Lost;
            items.MoveNext();
            if (kind != NewsKind.Lost
                && _byChannel.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(items.Current.Bytes, out Entry? entry))
            {
                items.MoveNext();
                _news.Enqueue(new News(kind, entry, items.Current.Bytes.ToArray()));
            }
        }

        _received.ResetWrittenCount();
    }

    private sealed record Entry(byte[] Channel, SubscriptionHandler Handler, long Tag, long Number);

    private readonly record struct News(NewsKind Kind, Entry Entry, byte[] Payload);
}
