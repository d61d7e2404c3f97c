using System.Collections.Concurrent;
using System.Text;

namespace Redlock.Fast.Resp.Tests;

// Writes down everything it is told, so that a wrong order, a call too many and two calls at once show.
internal sealed class SubscriptionRecorder : SubscriptionHandler
{
    private readonly ConcurrentDictionary<long, ConcurrentQueue<string>> _told = new();
    private readonly ConcurrentDictionary<long, int> _inside = new();
    private int _confirmed;
    private int _messages;
    private int _lost;
    private int _ended;
    private int _overlaps;

    public int Confirmed => Volatile.Read(ref _confirmed);

    public int Messages => Volatile.Read(ref _messages);

    public int Lost => Volatile.Read(ref _lost);

    public int Ended => Volatile.Read(ref _ended);

    // Calls for a subscription while another call for it was going on.
    public int Overlaps => Volatile.Read(ref _overlaps);

    public string LastText { get; private set; } = string.Empty;

    public Action<long, string>? Then { get; set; }

    public string[] Of(long tag) => [.. _told.GetValueOrDefault(tag, [])];

    public override void OnConfirmed(long tag) => Note(tag, "confirmed", ref _confirmed);

    public override void OnMessage(long tag, ReadOnlySpan<byte> payload) => Note(tag, Encoding.UTF8.GetString(payload), ref _messages);

    public override void OnLost(long tag, string text)
    {
        LastText = text;
        Note(tag, "lost", ref _lost);
    }

    public override void OnEnded(long tag, SubscriptionEnd reason, string text)
    {
        if (text.Length > 0)
        {
            LastText = text;
        }

        Note(tag, $"ended: {reason}", ref _ended);
    }

    private void Note(long tag, string what, ref int count)
    {
        int inside = _inside.AddOrUpdate(tag, 1, (_, until) => until + 1);
        if (inside != 1)
        {
            Interlocked.Increment(ref _overlaps);
        }

        _told.GetOrAdd(tag, _ => new ConcurrentQueue<string>()).Enqueue(what);
        Interlocked.Increment(ref count);
        try
        {
            Then?.Invoke(tag, what);
        }
        finally
        {
            _inside.AddOrUpdate(tag, 0, (_, until) => until - 1);
        }
    }
}

internal static class Subscribing
{
    public static RespSubscription Subscribe(this RespNode node, string channel, SubscriptionHandler handler, long tag = 0) =>
        node.TrySubscribe(Encoding.UTF8.GetBytes(channel), handler, tag);
}
