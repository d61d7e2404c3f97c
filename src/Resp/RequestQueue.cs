using System.Diagnostics;

namespace Redlock.Fast.Resp;

/// <summary>The requests of one connection, from being taken to being answered: slots and bytes in the same order.</summary>
/// <remarks>Knows no lock, no time and no transport; the connection guards it.</remarks>
internal sealed class RequestQueue
{
    // Room for the pipeline of a mildly busy service; both grow with use up to the limits.
    private const int InitialSlots = 64;
    private const int InitialBytes = 8192;

    // Unanswered bytes stay below any socket's send buffer, and so do the unanswered writes (a Unix socket charges about 1 KiB for each):
    // a send to a node that has stopped reading can then not block.
    internal const int MaxUnansweredBytes = 64 * 1024;
    private const int MaxUnansweredWrites = 64;

    private readonly RespQueueLimits _limits;
    private readonly long[] _writeEnds = new long[MaxUnansweredWrites];
    private ReplySlot[] _slots = new ReplySlot[InitialSlots];
    private ByteRing _bytes = new(InitialBytes);
    private int _head;
    private int _count;
    private int _firstWrite;
    private int _writeCount;
    private long _handedOver;

    // The end of the newest frame answered, and of the newest byte that no sender looks at any more: what lies behind either is kept.
    private long _answered;
    private long _sent;

    public RequestQueue(RespQueueLimits limits) => _limits = limits;

    /// <summary>Told of each NOSCRIPT reply, in place of the handler that waits for the repeated request.</summary>
    public ReplyHandler? ScriptForgotten { get; set; }

    /// <summary>How many requests wait for their reply.</summary>
    public int Count => _count;

    /// <summary>Whether bytes wait that may be sent now, given how much is unanswered.</summary>
    /// <param name="sendableEnd">Nothing behind this position may be sent yet.</param>
    public bool HasSendable(long sendableEnd) =>
        _handedOver < Math.Min(_bytes.End, sendableEnd)
        && (_handedOver < this[0].FrameEnd || (_writeCount < MaxUnansweredWrites && _handedOver - _answered < MaxUnansweredBytes));

    /// <summary>The position up to which bytes were given to a sender.</summary>
    public long HandedOver => _handedOver;

    /// <summary>The position behind the newest frame.</summary>
    public long End => _bytes.End;

    public bool HasRoom(int frameBytes, RequestPriority priority)
    {
        (int slots, int bytes) = priority == RequestPriority.Ordinary
            ? (_limits.OrdinaryRequests, _limits.OrdinaryBytes)
            : (_limits.AllRequests, _limits.AllBytes);

        // A frame of any size may go alone: a limit on the frame itself is the caller's business.
        return _count < slots && (_count == 0 || _bytes.Count + (long)frameBytes <= bytes);
    }

    public void Append(ReadOnlySpan<byte> frame, in RespRequest request)
    {
        _bytes.Append(frame);
        AppendSlot(request.Handler, request.Tag, request.DeadlineTicks, request.Script);
    }

    /// <summary>Takes the next stretch of bytes for one write; the caller must write it, and call <see cref="NoteSent"/>, before it takes another.</summary>
    public ReadOnlyMemory<byte> TakeSendable(long sendableEnd)
    {
        Debug.Assert(HasSendable(sendableEnd), "asked only when there is something");
        Debug.Assert(_sent == _handedOver, "one write at a time");

        // The frame at the head may be larger than the window: nothing is answered before it is out as a whole.
        long window = Math.Max(_answered + MaxUnansweredBytes, this[0].FrameEnd);
        long limit = Math.Min(window, Math.Min(_bytes.End, sendableEnd));
        ReadOnlyMemory<byte> stretch = _bytes.Stretch(_handedOver, limit);
        _handedOver += stretch.Length;

        // The rest of the frame at the head goes out even when all writes are in use; it then counts with the newest of them.
        _writeCount = Math.Min(_writeCount + 1, MaxUnansweredWrites);
        _writeEnds[(_firstWrite + _writeCount - 1) % MaxUnansweredWrites] = _handedOver;
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
    public bool TryTakeAnswered(in RespReply reply, out ReplySlot slot)
    {
        if (_count == 0 || _slots[_head].FrameEnd > _handedOver)
        {
            slot = default;
            return false;
        }

        slot = _slots[_head];
        if (slot.Script is not null && reply.Type == RespType.Error && reply.Bytes.StartsWith("NOSCRIPT"u8))
        {
            RepeatWithText(slot);
            slot.Handler = ScriptForgotten;
        }

        _slots[_head] = default;
        _head = (_head + 1) & (_slots.Length - 1);
        _count--;
        _answered = slot.FrameEnd;
        ReleaseBytes();
        while (_writeCount > 0 && _writeEnds[_firstWrite] <= slot.FrameEnd)
        {
            _firstWrite = (_firstWrite + 1) % MaxUnansweredWrites;
            _writeCount--;
        }

        return true;
    }

    /// <summary>Empties the line at the end of the connection.</summary>
    public ReplySlot[] TakeAll()
    {
        ReplySlot[] all = new ReplySlot[_count];
        for (int place = 0; place < all.Length; place++)
        {
            all[place] = this[place];
        }

        _count = 0;
        _writeCount = 0;
        _handedOver = _bytes.End;
        _answered = _bytes.End;
        _sent = _bytes.End;
        ReleaseBytes();
        return all;
    }

    /// <summary>The slot at <paramref name="place"/> in the line, 0 being the next to be answered.</summary>
    public ref ReplySlot this[int place] => ref _slots[(_head + place) & (_slots.Length - 1)];

    [Conditional("DEBUG")]
    public void AssertInvariants()
    {
        Debug.Assert(_count >= 0 && _count <= _slots.Length, "the slots in use fit the ring");
        Debug.Assert(_handedOver >= _bytes.Start && _handedOver <= _bytes.End, "what was handed over is kept until it is answered");
        Debug.Assert(_sent <= _handedOver && _answered <= _handedOver, "only what was handed over is sent or answered");
        Debug.Assert(_bytes.Start == Math.Min(_answered, _sent), "what is sent and answered is kept no longer");
        Debug.Assert((_count == 0 ? _answered : this[_count - 1].FrameEnd) == _bytes.End, "slots and bytes end together");
        Debug.Assert(_writeCount <= MaxUnansweredWrites, "writes are bounded");
    }

    // A reply can come while its request's write is under way, and from a broken server even before the bytes are out:
    // a frame appended in their place would then be sent in pieces of both.
    private void ReleaseBytes() => _bytes.ReleaseTo(Math.Min(_answered, _sent));

    private void RepeatWithText(in ReplySlot slot)
    {
        RespScript script = slot.Script!;
        int length = (int)(slot.FrameEnd - _answered);
        byte[] frame = new byte[length];
        _bytes.CopyTo(_answered, frame);

        // The frame is: array header, EVALSHA, digest, the rest. Only the two in the middle change.
        int headAt = frame.AsSpan().IndexOf((byte)'\n') + 1;
        Debug.Assert(frame.AsSpan(headAt).StartsWith(script.EvalShaHead), "the frame runs the script that it names");
        _bytes.Append(frame.AsSpan(0, headAt));
        _bytes.Append(script.EvalHead);
        _bytes.Append(frame.AsSpan(headAt + script.EvalShaHead.Length));
        AppendSlot(slot.Handler, slot.Tag, slot.DeadlineTicks, script: null);
    }

    private void AppendSlot(ReplyHandler? handler, long tag, long deadlineTicks, RespScript? script)
    {
        if (_count == _slots.Length)
        {
            GrowSlots();
        }

        _count++;
        ref ReplySlot slot = ref this[_count - 1];
        slot.Handler = handler;
        slot.Tag = tag;
        slot.DeadlineTicks = deadlineTicks;
        slot.FrameEnd = _bytes.End;
        slot.Script = script;
    }

    private void GrowSlots()
    {
        ReplySlot[] larger = new ReplySlot[_slots.Length * 2];
        for (int place = 0; place < _count; place++)
        {
            larger[place] = this[place];
        }

        _slots = larger;
        _head = 0;
    }
}
