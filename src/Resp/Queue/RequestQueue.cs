using System.Diagnostics;

namespace Redlock.Fast.Resp;

/// <summary>
/// The requests of one connection, from being taken to being answered: those handed to the transport, and behind them those that wait for
/// their turn.
/// </summary>
/// <remarks>
/// An ordinary request waits while the window is full, a reserved one only where it would pass one about its own key. Whatever waits can
/// still be taken back. Until the connection is open everything waits but the handshake. Knows no lock and no transport; the connection
/// guards it.
/// </remarks>
internal sealed class RequestQueue
{
    private readonly RespQueueLimits _limits;
    private readonly SendWindow _window;
    private readonly RequestLine _line = new();
    private readonly WaitingLane _reserved = new();
    private readonly WaitingLane _ordinary = new();
    private long _lastNumber;
    private bool _isOpen;

    /// <param name="limits">How much it takes.</param>
    /// <param name="slackTicks">See <see cref="SendWindow"/>.</param>
    public RequestQueue(RespQueueLimits limits, long slackTicks)
    {
        _limits = limits;
        _window = new SendWindow(limits.WindowBytes, slackTicks);
    }

    /// <summary>How many requests wait for their reply, sent or not.</summary>
    public int Count => _line.Count + _reserved.Count + _ordinary.Count;

    /// <summary>Whether everybody has been told what became of his request, if only that its time was up.</summary>
    public bool OwesNobody
    {
        get
        {
            int told = 0;
            for (; told < _line.Count && _line[told].IsTold; told++)
            {
            }

            return told == Count;
        }
    }

    /// <summary>What was handed to the transport, or will be as soon as somebody sends.</summary>
    public RequestLine Line => _line;

    public bool HasRoom(int frameBytes, in RespRequest request)
    {
        // What undoes an ordinary request finds room whatever else is reserved: as much as the ordinary ones may have used.
        (int slots, int bytes) = request.Priority == RequestPriority.Ordinary ? (_limits.OrdinaryRequests, _limits.OrdinaryBytes)
            : request.Undoes.IsTaken ? (_limits.AllRequests, _limits.AllBytes)
            : (_limits.AllRequests - _limits.OrdinaryRequests, _limits.AllBytes - _limits.OrdinaryBytes);

        // A frame of any size may go alone: a limit on the frame itself is the caller's business.
        int count = Count;
        return count < slots && (count == 0 || _line.UnansweredBytes + _reserved.Bytes + _ordinary.Bytes + frameBytes <= bytes);
    }

    /// <summary>Appends a part of the handshake, which waits for nothing.</summary>
    public void AppendHandshake(ReadOnlySpan<byte> frame, ReplyHandler handler, long tag) =>
        _line.Append(frame, new ReplySlot { Handler = handler, Tag = tag, DeadlineTicks = long.MaxValue });

    /// <summary>Takes a request.</summary>
    /// <returns>Its number, above zero and growing.</returns>
    public long Append(ReadOnlySpan<byte> frame, in RespRequest request, long now)
    {
        ReplySlot slot = new()
        {
            Handler = request.Handler,
            Asker = request.Script is null ? null : request.Handler,
            Tag = request.Tag,
            DeadlineTicks = request.DeadlineTicks,
            FrameEnd = ReplySlot.Unsent,
            TakenTicks = now,
            SilenceTicks = request.SilenceTicks,
            Script = request.Script,
        };
        long number = ++_lastNumber;
        if (request.Priority == RequestPriority.Ordinary)
        {
            if (_isOpen && _ordinary.Count == 0 && HasWindow(frame.Length))
            {
                Send(frame, slot, now);
            }
            else
            {
                _ordinary.Append(frame, slot, number, request);
            }
        }
        else if (request.KeyHash == 0 ? _ordinary.Count > 0 : _ordinary.MayHold(request.KeyHash))
        {
            _ordinary.Append(frame, slot, number, request);
        }
        else if (_isOpen)
        {
            Send(frame, slot, now);
        }
        else
        {
            _reserved.Append(frame, slot, number, request);
        }

        return number;
    }

    /// <summary>
    /// Lets requests out: the reserved ones that have waited now, so that none can pass them, the ordinary ones with the next
    /// <see cref="Refill"/>.
    /// </summary>
    public void Open(long now)
    {
        _isOpen = true;
        while (_reserved.Count > 0)
        {
            _reserved.MoveOldest(_line, now);
        }
    }

    /// <summary>
    /// Hands over what has waited and now has room. What would be answered too late is taken out, and is to be told that it was not sent.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="late">Filled with those, as many as it holds; call again while it is full.</param>
    /// <returns>How many of them.</returns>
    public int Refill(long now, Span<ReplySlot> late)
    {
        int count = 0;
        while (_isOpen && _ordinary.Count > 0 && HasWindow(_ordinary.OldestBytes) && count < late.Length)
        {
            // With nothing on its way nothing is known of the link: it is asked.
            if (_line.Count > 0 && _ordinary.OldestDeadlineTicks - now < _window.NeededTicks)
            {
                late[count++] = _ordinary.TakeOldest();
                continue;
            }

            _ordinary.MoveOldest(_line, now);
        }

        return count;
    }

    /// <summary>Takes back a request that has not been handed over.</summary>
    public bool TryWithdraw(long number, out ReplySlot slot) =>
        _ordinary.TryWithdraw(number, out slot) || _reserved.TryWithdraw(number, out slot);

    /// <summary>Takes the slot that the next reply belongs to.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="now">The time.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="isRepeated">Whether the request goes out again with its script's text: its handler waits for that one's reply.</param>
    /// <returns>False if no request has been sent whose reply could have come: the node broke the protocol.</returns>
    public bool TryTakeAnswered(in RespReply reply, long now, out ReplySlot slot, out bool isRepeated)
    {
        if (!_line.TryTakeAnswered(reply, out slot, out isRepeated))
        {
            return false;
        }

        slot.Handler = isRepeated ? null : slot.Handler;
        if (slot.SentTicks != 0)
        {
            _window.NoteAnswered(slot.FrameEnd, slot.SentTicks, _line.End, now);
        }

        return true;
    }

    /// <summary>Takes out what waits unsent and is out of time.</summary>
    /// <param name="now">The time.</param>
    /// <param name="expired">Filled with it, as much as it holds.</param>
    /// <param name="next">When the next of the rest times out, if that is earlier than what it says.</param>
    /// <returns>How many of them.</returns>
    public int CollectUnsent(long now, Span<ReplySlot> expired, ref long next)
    {
        int count = CollectUnsent(_reserved, now, expired, ref next);
        return count + CollectUnsent(_ordinary, now, expired[count..], ref next);
    }

    /// <summary>Empties the queue at the end of the connection.</summary>
    public List<ReplySlot> TakeAll()
    {
        List<ReplySlot> all = new(Count);
        _line.TakeAll(all);
        _reserved.TakeAll(all);
        _ordinary.TakeAll(all);
        return all;
    }

    [Conditional("DEBUG")]
    public void AssertInvariants()
    {
        _line.AssertInvariants();
        _reserved.AssertInvariants();
        _ordinary.AssertInvariants();
        Debug.Assert(!_isOpen || _reserved.Count == 0, "what is reserved waits for nothing once the connection is open");
    }

    private static int CollectUnsent(WaitingLane lane, long now, Span<ReplySlot> expired, ref long next)
    {
        int count = 0;
        for (int place = 0; place < lane.Places && count < expired.Length;)
        {
            bool isOut = lane.TryExpire(place, now, out ReplySlot slot, ref next);
            if (isOut)
            {
                expired[count++] = slot;
            }

            // What was taken out at the front has moved the rest there.
            place += isOut && place == 0 ? 0 : 1;
        }

        return count;
    }

    private bool HasWindow(int frameBytes)
    {
        bool hasRoom = _line.Count == 0 || _line.UnansweredBytes + frameBytes <= _window.Bytes;
        if (!hasRoom)
        {
            _window.NoteShort();
        }

        return hasRoom;
    }

    private void Send(ReadOnlySpan<byte> frame, ReplySlot slot, long now)
    {
        slot.SentTicks = now;
        _line.Append(frame, slot);
    }
}
