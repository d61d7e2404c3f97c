using System.Diagnostics;

namespace Redlock.Fast.Resp;

/// <summary>
/// Requests that wait to be handed to the transport, first come first served. Until then each can be taken out again, and nothing of it was
/// sent.
/// </summary>
/// <remarks>
/// Knows no lock, no time and no transport; the connection guards it. It costs nothing until the first request has to wait.
/// </remarks>
internal sealed class WaitingLane
{
    private const int InitialSlots = 64;
    private const int InitialBytes = 8192;

    private WaitingSlot[] _slots = [];

    // Beside the slots, so that one pass of the vector unit finds a key.
    private int[] _keyHashes = [];

    // The largest that were no more than what is kept: to cut back allocates nothing.
    private WaitingSlot[]? _fewSlots;
    private int[]? _fewKeyHashes;
    private SpareRoom _spare = new(RequestLine.KeptSlots);
    private ByteRing _bytes;
    private int _head;

    // From the oldest that waits to the newest, those between them that were taken out included.
    private int _span;

    /// <summary>How many requests wait.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes of their frames.</summary>
    public int Bytes { get; private set; }

    /// <summary>How many places there are to look at by index, empty ones included.</summary>
    public int Places => _span;

    private ref WaitingSlot this[int place] => ref _slots[Index(place)];

    public void Append(ReadOnlySpan<byte> frame, in ReplySlot slot, long number, in RespRequest request)
    {
        if (_span == _slots.Length)
        {
            Grow();
        }

        _bytes.Append(frame);
        _slots[Index(_span)] = new WaitingSlot
        {
            Reply = slot,
            Number = number,
            FrameBytes = frame.Length,
            FrameEnd = _bytes.End,
            Priority = request.Priority,
        };
        _keyHashes[Index(_span)] = request.KeyHash;
        _span++;
        _spare.Note(_span);
        Count++;
        Bytes += frame.Length;
        AssertInvariants();
    }

    /// <summary>Whether a frame about this key may wait: a stranger's hash can look the same.</summary>
    public bool MayHold(int keyHash) => Count > 0 && _keyHashes.AsSpan().Contains(keyHash);

    /// <summary>By when the oldest must be answered to be of use. Asked only while one waits.</summary>
    public long OldestDeadlineTicks => this[0].Priority == RequestPriority.Ordinary ? this[0].Reply.DeadlineTicks : long.MaxValue;

    /// <summary>The length of the oldest frame. Asked only while one waits.</summary>
    public int OldestBytes => this[0].FrameBytes;

    /// <summary>Moves the oldest to the end of the line.</summary>
    public void MoveOldest(RequestLine line, long now)
    {
        WaitingSlot oldest = this[0];
        oldest.Reply.SentTicks = now;
        long start = oldest.FrameEnd - oldest.FrameBytes;
        ReadOnlySpan<byte> first = _bytes.Stretch(start, oldest.FrameEnd).Span;
        line.Append(first, _bytes.Stretch(start + first.Length, oldest.FrameEnd).Span, oldest.Reply);
        TakeOut(0);
    }

    /// <summary>Takes the oldest out unsent.</summary>
    public ReplySlot TakeOldest()
    {
        ReplySlot slot = this[0].Reply;
        TakeOut(0);
        return slot;
    }

    /// <summary>Takes out the request with a number, if it waits here.</summary>
    public bool TryWithdraw(long number, out ReplySlot slot)
    {
        int low = 0;
        int high = _span - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            ref WaitingSlot found = ref this[middle];
            if (found.Number == number)
            {
                slot = found.Reply;
                return found.FrameBytes > 0 && TakeOut(middle);
            }

            (low, high) = found.Number < number ? (middle + 1, high) : (low, middle - 1);
        }

        slot = default;
        return false;
    }

    /// <summary>
    /// Takes out the request at a place if its time is up; a reserved one stays, to be sent although nobody waits for it any more.
    /// </summary>
    /// <param name="place">Below <see cref="Places"/>. What is taken out at place 0 moves the rest to the front.</param>
    /// <param name="now">The time.</param>
    /// <param name="slot">The request.</param>
    /// <param name="next">When the first of those that stay times out, if that is earlier than what it says.</param>
    public bool TryExpire(int place, long now, out ReplySlot slot, ref long next)
    {
        ref WaitingSlot waiting = ref this[place];
        slot = waiting.Reply;
        if (waiting.FrameBytes == 0)
        {
            return false;
        }

        if (slot.DeadlineTicks > now)
        {
            next = Math.Min(next, slot.DeadlineTicks);
            return false;
        }

        if (waiting.Priority == RequestPriority.Ordinary)
        {
            return TakeOut(place);
        }

        slot.FrameEnd = waiting.FrameEnd;
        waiting.Reply.Handler = null;
        waiting.Reply.DeadlineTicks = long.MaxValue;
        return true;
    }

    /// <summary>Moves all that wait to the end of a list, at the end of the connection.</summary>
    public void TakeAll(List<ReplySlot> all)
    {
        while (Count > 0)
        {
            all.Add(TakeOldest());
        }
    }

    [Conditional("DEBUG")]
    public void AssertInvariants()
    {
        Debug.Assert(Count <= _span && _span <= _slots.Length, "those that wait lie in the span");
        Debug.Assert(_span == 0 || (this[0].FrameBytes > 0 && this[_span - 1].FrameBytes > 0), "the span has no empty ends");
        Debug.Assert(Count > 0 || (Bytes == 0 && _span == 0), "an empty lane has no bytes");
        Debug.Assert(_bytes.Count >= Bytes, "the bytes of those that wait are kept");
    }

    private int Index(int place) => (_head + place) & (_slots.Length - 1);

    private bool TakeOut(int place)
    {
        ref WaitingSlot slot = ref this[place];
        Count--;
        Bytes -= slot.FrameBytes;
        slot.FrameBytes = 0;
        slot.Reply = default;
        _keyHashes[Index(place)] = 0;
        while (_span > 0 && this[0].FrameBytes == 0)
        {
            _bytes.ReleaseTo(this[0].FrameEnd);
            _head = Index(1);
            _span--;
        }

        while (_span > 0 && this[_span - 1].FrameBytes == 0)
        {
            _span--;
        }

        if (_span == 0)
        {
            _bytes.ReleaseTo(_bytes.End);
            if (_spare.IsTooMuch(_slots.Length) && _fewSlots is { } few)
            {
                (_slots, _keyHashes, _head) = (few, _fewKeyHashes!, 0);
            }
        }

        AssertInvariants();
        return true;
    }

    private void Grow()
    {
        if (_slots.Length == 0)
        {
            _bytes = new ByteRing(InitialBytes);
        }

        int length = Math.Max(InitialSlots, _slots.Length * 2);
        WaitingSlot[] slots = new WaitingSlot[length];
        int[] keyHashes = new int[length];
        for (int place = 0; place < _span; place++)
        {
            slots[place] = this[place];
            keyHashes[place] = _keyHashes[Index(place)];
        }

        if (_slots.Length is > 0 and <= RequestLine.KeptSlots)
        {
            Array.Clear(_slots);
            Array.Clear(_keyHashes);
            (_fewSlots, _fewKeyHashes) = (_slots, _keyHashes);
        }

        (_slots, _keyHashes, _head) = (slots, keyHashes, 0);
    }

    private struct WaitingSlot
    {
        public ReplySlot Reply;

        /// <summary>Growing from the oldest to the newest.</summary>
        public long Number;

        public long FrameEnd;

        /// <summary>Zero once it was taken out.</summary>
        public int FrameBytes;

        public RequestPriority Priority;
    }
}
