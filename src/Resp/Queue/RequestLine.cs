using System.Buffers;
using System.Diagnostics;

namespace Redlock.Fast.Resp;

/// <summary>
/// The requests on their way to the node, from being handed to the transport to being answered: slots and bytes in the same order.
/// </summary>
/// <remarks>Knows no lock, no time and no transport; the connection guards it.</remarks>
internal sealed class RequestLine
{
    // Room for the pipeline of a mildly busy service; both grow with use up to the limits.
    private const int InitialSlots = 64;
    private const int InitialBytes = 8192;

    /// <summary>What the slots are cut back to once an overload is long over.</summary>
    public const int KeptSlots = 1024;

    // What a transport does not take of a write is copied.
    private const int MaxWriteBytes = 64 * 1024;

    private ReplySlot[] _slots = new ReplySlot[InitialSlots];

    // The largest that were no more than what is kept: to cut back allocates nothing.
    private ReplySlot[]? _fewSlots;
    private SpareRoom _spare = new(KeptSlots);
    private ByteRing _bytes = new(InitialBytes);
    private SubstituteFrame? _substitute;
    private int _head;
    private int _count;
    private long _handedOver;

    // The end of the newest frame answered, and of the newest byte that no sender looks at any more: what lies behind either is kept.
    private long _answered;
    private long _sent;

    /// <summary>How requests that run a script are sent.</summary>
    public ScriptRoute Route { get; set; } = ScriptRoute.DigestElseText;

    /// <summary>How many requests wait for their reply.</summary>
    public int Count => _count;

    /// <summary>Whether bytes wait for a sender.</summary>
    public bool HasSendable => _handedOver < _bytes.End;

    /// <summary>The position up to which bytes were given to a sender.</summary>
    public long HandedOver => _handedOver;

    /// <summary>The position behind the newest frame.</summary>
    public long End => _bytes.End;

    /// <summary>The bytes of the frames that are not answered.</summary>
    public long UnansweredBytes => _bytes.End - _answered;

    /// <summary>The slot at <paramref name="place"/> in the line, 0 being the next to be answered.</summary>
    public ref ReplySlot this[int place] => ref _slots[(_head + place) & (_slots.Length - 1)];

    public void Append(ReadOnlySpan<byte> frame, in ReplySlot slot) => Append(frame, default, slot);

    /// <summary>Appends a frame that lies in two pieces.</summary>
    public void Append(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, in ReplySlot slot)
    {
        if (Route >= ScriptRoute.Text && slot.Script is { } script)
        {
            byte[] frame = ArrayPool<byte>.Shared.Rent(first.Length + second.Length);
            first.CopyTo(frame);
            second.CopyTo(frame.AsSpan(first.Length));
            AppendOtherwise(frame.AsSpan(0, first.Length + second.Length), slot with { Script = null }, script);
            ArrayPool<byte>.Shared.Return(frame);
            return;
        }

        _bytes.Append(first);
        _bytes.Append(second);
        AppendSlot(slot);
    }

    /// <summary>
    /// Takes the next stretch of bytes for one write; the caller must write it, and call <see cref="NoteSent"/>, before it takes another.
    /// </summary>
    public ReadOnlyMemory<byte> TakeSendable()
    {
        Debug.Assert(HasSendable, "asked only when there is something");
        Debug.Assert(_sent == _handedOver, "one write at a time");

        // The frame at the head goes out whole: a server may answer it while it is being written.
        long most = Math.Max(_handedOver + MaxWriteBytes, _count > 0 ? this[0].FrameEnd : 0);
        ReadOnlyMemory<byte> stretch = _bytes.Stretch(_handedOver, Math.Min(_bytes.End, most));
        _handedOver += stretch.Length;
        return stretch;
    }

    /// <summary>The write of what was taken last is over: its bytes are the transport's own.</summary>
    public void NoteSent()
    {
        _sent = _handedOver;
        ReleaseBytes();
    }

    /// <summary>Takes the slot that the next reply belongs to.</summary>
    /// <returns>False if no request has been sent whose reply could have come: the node broke the protocol.</returns>
    public bool TryTakeAnswered(in RespReply reply, out ReplySlot slot, out bool isRepeated)
    {
        isRepeated = false;
        if (_count == 0 || _slots[_head].FrameEnd > _handedOver)
        {
            slot = default;
            return false;
        }

        slot = _slots[_head];
        if (slot.Script is not null && reply.Type == RespType.Error)
        {
            bool isForgotten = reply.Bytes.StartsWith("NOSCRIPT"u8);

            // A node that hung up when it was asked what it knows was taken for one that knows EVALSHA, and no EVAL.
            bool isUnknown = reply.Bytes.StartsWith("ERR unknown command"u8);
            Route = isUnknown && Route == ScriptRoute.DigestElseLoad ? ScriptRoute.Text : Route;

            // Sent before it was known that there is no EVALSHA.
            bool isRefused = isUnknown || (Route != ScriptRoute.DigestElseLoad && reply.Bytes.StartsWith("NOPERM"u8));

            // What undoes it may be on its way already, and the repetition would go behind that.
            if ((isForgotten || isRefused) && slot.Asker?.Wants(slot.Tag) != false)
            {
                Repeat(slot);
                isRepeated = isForgotten;
                (slot.Handler, slot.Asker) = (isRefused ? null : slot.Handler, null);
            }
        }

        _slots[_head] = default;
        _head = (_head + 1) & (_slots.Length - 1);
        _count--;
        _answered = slot.FrameEnd;
        ReleaseBytes();
        if (_count == 0 && _spare.IsTooMuch(_slots.Length) && _fewSlots is { } few)
        {
            (_slots, _head) = (few, 0);
        }

        return true;
    }

    /// <summary>Moves all slots to the end of a list, at the end of the connection.</summary>
    public void TakeAll(List<ReplySlot> all)
    {
        for (int place = 0; place < _count; place++)
        {
            all.Add(this[place]);
        }

        _count = 0;
        _handedOver = _bytes.End;
        _answered = _bytes.End;
        _sent = _bytes.End;
        ReleaseBytes();
    }

    [Conditional("DEBUG")]
    public void AssertInvariants()
    {
        Debug.Assert(_count >= 0 && _count <= _slots.Length, "the slots in use fit the ring");
        Debug.Assert(_handedOver >= _bytes.Start && _handedOver <= _bytes.End, "what was handed over is kept until it is answered");
        Debug.Assert(_sent <= _handedOver && _answered <= _handedOver, "only what was handed over is sent or answered");
        Debug.Assert(_bytes.Start == Math.Min(_answered, _sent), "what is sent and answered is kept no longer");
        Debug.Assert((_count == 0 ? _answered : this[_count - 1].FrameEnd) == _bytes.End, "slots and bytes end together");
    }

    // A reply can come while its request's write is under way, and from a broken server even before the bytes are out:
    // a frame appended in their place would then be sent in pieces of both.
    private void ReleaseBytes() => _bytes.ReleaseTo(Math.Min(_answered, _sent));

    private void Repeat(ReplySlot slot)
    {
        RespScript script = slot.Script!;
        byte[] frame = new byte[(int)(slot.FrameEnd - _answered)];
        _bytes.CopyTo(_answered, frame);
        slot.Script = null;
        if (Route == ScriptRoute.DigestElseLoad)
        {
            _bytes.Append(script.LoadFrame);
            AppendSlot(slot with { Handler = null });
            _bytes.Append(frame);
        }
        else
        {
            AppendWithText(frame, script);
        }

        AppendSlot(slot);
    }

    private void AppendOtherwise(ReadOnlySpan<byte> frame, ReplySlot slot, RespScript script)
    {
        if (Route == ScriptRoute.Text)
        {
            AppendWithText(frame, script);
        }
        else
        {
            _bytes.Append((_substitute ??= new SubstituteFrame()).Write(frame, script, Route, out slot.Substitute));
        }

        AppendSlot(slot);
    }

    private void AppendWithText(ReadOnlySpan<byte> frame, RespScript script)
    {
        // The frame is: array header, EVALSHA, digest, the rest. Only the two in the middle change.
        int headAt = frame.IndexOf((byte)'\n') + 1;
        Debug.Assert(frame[headAt..].StartsWith(script.EvalShaHead), "the frame runs the script that it names");
        _bytes.Append(frame[..headAt]);
        _bytes.Append(script.EvalHead);
        _bytes.Append(frame[(headAt + script.EvalShaHead.Length)..]);
    }

    private void AppendSlot(in ReplySlot slot)
    {
        if (_count == _slots.Length)
        {
            GrowSlots();
        }

        _count++;
        _spare.Note(_count);
        ref ReplySlot place = ref this[_count - 1];
        place = slot;
        place.FrameEnd = _bytes.End;
    }

    private void GrowSlots()
    {
        ReplySlot[] larger = new ReplySlot[_slots.Length * 2];
        for (int place = 0; place < _count; place++)
        {
            larger[place] = this[place];
        }

        if (_slots.Length <= KeptSlots)
        {
            Array.Clear(_slots);
            _fewSlots = _slots;
        }

        _slots = larger;
        _head = 0;
    }
}
