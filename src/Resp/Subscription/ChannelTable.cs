using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Redlock.Fast.Resp;

/// <summary>
/// The channels of a subscriber, found by name and by number, and the line of those that have something to say to the node.
/// </summary>
/// <remarks>
/// Knows no lock and no connection; the subscriber guards it. Allocates nothing while it has no more channels than it once had.
/// </remarks>
internal sealed class ChannelTable
{
    private static readonly ByName _names = new();

    private readonly List<ChannelEntry> _entries = [];
    private readonly Stack<ChannelEntry> _free = new();
    private readonly HashSet<ChannelEntry> _byName = new(_names);
    private readonly ArrayBufferWriter<byte> _frames = new();
    private ChannelEntry? _first;
    private ChannelEntry? _last;

    /// <summary>How many channels there are, those that are being given up included.</summary>
    public int Count => _byName.Count;

    /// <summary>How many places there are, of channels and free.</summary>
    public int Places => _entries.Count;

    public ChannelEntry this[int place] => _entries[place];

    /// <summary>How many bytes the longer of the two frames of a channel takes.</summary>
    public static int FrameBytes(int channelBytes) => "*2\r\n$11\r\nUNSUBSCRIBE\r\n$2147483647\r\n\r\n".Length + channelBytes;

    public bool TryFind(ReadOnlySpan<byte> channel, [NotNullWhen(true)] out ChannelEntry? entry) =>
        _byName.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(channel, out entry);

    /// <summary>Finds the entry of a subscription that is not over.</summary>
    public bool TryFind(long number, [NotNullWhen(true)] out ChannelEntry? entry)
    {
        int place = (int)(uint)number - 1;
        entry = place >= 0 && place < _entries.Count && _entries[place] is { Handler: not null } found && found.Number == number
            ? found
            : null;
        return entry is not null;
    }

    public ChannelEntry Add(ReadOnlySpan<byte> channel)
    {
        if (!_free.TryPop(out ChannelEntry? entry))
        {
            entry = new ChannelEntry(_entries.Count);
            _entries.Add(entry);
        }

        // "*2" CR LF "$9" CR LF "SUBSCRIBE" CR LF, the channel as a bulk string; the same for UNSUBSCRIBE
        _frames.ResetWrittenCount();
        RespWriter.WriteArrayHeader(_frames, 2);
        RespWriter.WriteBulkString(_frames, "SUBSCRIBE"u8);
        RespWriter.WriteBulkString(_frames, channel);
        int subscribe = _frames.WrittenCount;
        RespWriter.WriteArrayHeader(_frames, 2);
        RespWriter.WriteBulkString(_frames, "UNSUBSCRIBE"u8);
        RespWriter.WriteBulkString(_frames, channel);
        entry.Take(channel.Length, subscribe, _frames.WrittenCount - subscribe, _frames.WrittenSpan);
        bool isNew = _byName.Add(entry);
        Debug.Assert(isNew, "a channel has one entry");
        return entry;
    }

    /// <summary>The next that has something to say.</summary>
    public bool TryPeek([NotNullWhen(true)] out ChannelEntry? entry)
    {
        entry = _first;
        return entry is not null;
    }

    /// <summary>Something about an entry has changed: it has something to say, or it is forgotten, or neither.</summary>
    public void Settle(ChannelEntry entry)
    {
        if (entry.HasCommand)
        {
            JoinLine(entry);
            return;
        }

        LeaveLine(entry);
        if (entry is { IsFree: false, Handler: null, Stage: ChannelStage.Absent })
        {
            bool isKnown = _byName.Remove(entry);
            Debug.Assert(isKnown, "a channel is found by its name");
            entry.Release();
            _free.Push(entry);
        }
    }

    /// <summary>
    /// The connection is gone, and with it all that the node knew: what is still wanted is to be said anew, the rest is forgotten.
    /// </summary>
    public void Forget()
    {
        foreach (ChannelEntry entry in _entries)
        {
            entry.Stage = ChannelStage.Absent;
            Settle(entry);
        }
    }

    [Conditional("DEBUG")]
    public void AssertInvariants()
    {
        Debug.Assert(_byName.Count + _free.Count == _entries.Count, "an entry is a channel's or free");
        Debug.Assert(
            _first is null == _last is null && _last?.NextInLine is null && _first?.PreviousInLine is null, "the line ends with its last");
        Debug.Assert(_first?.HasCommand != false && _last?.HasCommand != false, "who stands in the line has something to say");
    }

    private void JoinLine(ChannelEntry entry)
    {
        if (entry.IsInLine)
        {
            return;
        }

        entry.IsInLine = true;
        entry.PreviousInLine = _last;
        if (_last is { } last)
        {
            last.NextInLine = entry;
        }

        _last = entry;
        _first ??= entry;
    }

    private void LeaveLine(ChannelEntry entry)
    {
        if (!entry.IsInLine)
        {
            return;
        }

        entry.IsInLine = false;
        (ChannelEntry? previous, ChannelEntry? next) = (entry.PreviousInLine, entry.NextInLine);
        (entry.PreviousInLine, entry.NextInLine) = (null, null);
        _first = _first == entry ? next : _first;
        _last = _last == entry ? previous : _last;
        if (previous is not null)
        {
            previous.NextInLine = next;
        }

        if (next is not null)
        {
            next.PreviousInLine = previous;
        }
    }

    /// <summary>Compares channels, and finds one by its name without making an entry of it.</summary>
    private sealed class ByName : IEqualityComparer<ChannelEntry>, IAlternateEqualityComparer<ReadOnlySpan<byte>, ChannelEntry>
    {
        public bool Equals(ChannelEntry? x, ChannelEntry? y) =>
            ReferenceEquals(x, y) || (x is not null && y is not null && x.Channel.SequenceEqual(y.Channel));

        public int GetHashCode(ChannelEntry obj) => GetHashCode(obj.Channel);

        public bool Equals(ReadOnlySpan<byte> alternate, ChannelEntry other) => alternate.SequenceEqual(other.Channel);

        // Seeded anew in each process: whoever chooses names can't choose them for one bucket.
        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            HashCode hash = default;
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public ChannelEntry Create(ReadOnlySpan<byte> alternate) => throw new NotSupportedException("An entry is made by its table.");
    }
}
