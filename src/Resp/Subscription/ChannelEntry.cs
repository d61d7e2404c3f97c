using System.Diagnostics;

namespace Redlock.Fast.Resp;

/// <summary>
/// One channel of a subscriber: who hears it, and what the node knows of that. Guarded by the subscriber's gate; reused for other channels.
/// </summary>
/// <remarks>At most one command of a channel is on its way, so that the node can't see two in the wrong order.</remarks>
internal sealed class ChannelEntry(int index)
{
    // What a long name has needed is let go with it.
    private const int MostBytesKept = 4096;

    private byte[] _bytes = [];
    private int _subscribeBytes;
    private int _unsubscribeBytes;
    private int _channelStart;
    private int _channelBytes;
    private int _generation;

    /// <summary>Its place in the table.</summary>
    public int Index => index;

    /// <summary>The number of the subscription that is, or was, the last one here.</summary>
    public long Number => ((long)_generation << 32) | (uint)(index + 1);

    public ReadOnlySpan<byte> Channel => _bytes.AsSpan(_channelStart, _channelBytes);

    /// <summary><c>null</c> if nobody wants to hear the channel any more.</summary>
    public SubscriptionHandler? Handler { get; private set; }

    public long Tag { get; private set; }

    public ChannelStage Stage { get; set; }

    /// <summary>Whether it is no channel's. An empty name is a name like any other.</summary>
    public bool IsFree { get; private set; } = true;

    /// <summary>Whether the handler knows that nothing is heard at present.</summary>
    public bool IsToldLost { get; set; }

    /// <summary>Whether it stands in the line of those that have something to say to the node.</summary>
    public bool IsInLine { get; set; }

    public ChannelEntry? NextInLine { get; set; }

    public ChannelEntry? PreviousInLine { get; set; }

    /// <summary>Whether the node is to be told something, once nothing is on its way.</summary>
    public bool HasCommand => Stage == ChannelStage.Left || (Stage == ChannelStage.Absent && Handler is not null);

    /// <summary>Whether a command is on its way.</summary>
    public bool IsAsked => Stage is ChannelStage.Subscribing or ChannelStage.Unsubscribing;

    /// <summary>What the node is told, or was told last.</summary>
    public ReadOnlySpan<byte> Command => Stage is ChannelStage.Left or ChannelStage.Unsubscribing
        ? _bytes.AsSpan(_subscribeBytes, _unsubscribeBytes)
        : _bytes.AsSpan(0, _subscribeBytes);

    /// <summary>Becomes a channel's.</summary>
    /// <param name="channel">Its name.</param>
    /// <param name="subscribe">The frame that subscribes to it.</param>
    /// <param name="unsubscribe">The frame that ends that; stands in <paramref name="frames"/> behind the other.</param>
    /// <param name="frames">Both frames, each of which ends in the name and CRLF.</param>
    public void Take(int channel, int subscribe, int unsubscribe, ReadOnlySpan<byte> frames)
    {
        Debug.Assert(
            IsFree && Handler is null && Stage == ChannelStage.Absent && frames.Length == subscribe + unsubscribe,
            "only a free entry is taken");
        IsFree = false;
        if (_bytes.Length < frames.Length)
        {
            _bytes = new byte[frames.Length];
        }

        frames.CopyTo(_bytes);
        (_subscribeBytes, _unsubscribeBytes) = (subscribe, unsubscribe);
        (_channelStart, _channelBytes) = (subscribe - channel - 2, channel);
    }

    /// <summary>Somebody wants to hear the channel.</summary>
    public void Begin(SubscriptionHandler handler, long tag)
    {
        Debug.Assert(Handler is null, "a channel has one handler");
        (Handler, Tag) = (handler, tag);
        IsToldLost = false;
        _generation = (_generation + 1) & int.MaxValue;
    }

    /// <summary>Nobody wants to hear it any more.</summary>
    public void End()
    {
        (Handler, Tag) = (null, 0);
        Stage = Stage == ChannelStage.Confirmed ? ChannelStage.Left : Stage;
    }

    /// <summary>Forgets the channel.</summary>
    public void Release()
    {
        Debug.Assert(Handler is null && Stage == ChannelStage.Absent && !IsInLine, "nobody needs a channel that is forgotten");
        IsFree = true;
        _channelBytes = 0;
        _bytes = _bytes.Length > MostBytesKept ? [] : _bytes;
    }
}
