namespace Redlock.Fast.Resp;

// What the thread that reads does with a batch of replies, and what goes out behind it.
internal sealed partial class RespConnection
{
    /// <inheritdoc cref="FrameSender.BeginBatch"/>
    public void BeginBatch()
    {
        _batchTicks = _time.GetTimestamp();
        _sender.BeginBatch();
    }

    /// <summary>The replies are handled: what waited for them goes out, in one write.</summary>
    public void EndBatch()
    {
        ExpiredBatch batch = default;
        Span<ReplySlot> late = batch;
        FrameSender.Duty duty;
        int count;
        do
        {
            using (_gate.Enter())
            {
                AssertInvariants();
                count = _queue.Refill(_batchTicks, late);
                duty = count < late.Length ? _sender.EndBatch() : default;
            }

            foreach (ref ReplySlot slot in late[..count])
            {
                slot.Fail(_name, RequestFailure.TimedOutUnsent);
            }
        }
        while (count == late.Length);

        _sender.Carry(duty);
        if (Volatile.Read(ref _leaving) is not null)
        {
            FinishOnceAnswered();
        }
    }

    /// <summary>Hands one reply to whoever waits for it.</summary>
    /// <returns>False if no request waits for a reply: the node broke the protocol.</returns>
    public bool TryAnswer(in RespReply reply)
    {
        if (Pushes?.TryTake(reply) == true)
        {
            return true;
        }

        ReplySlot slot;
        using (_gate.Enter())
        {
            AssertInvariants();
            if (!_queue.TryTakeAnswered(reply, _batchTicks, out slot))
            {
                return false;
            }

            _deadlines.NoteReply(_batchTicks);
        }

        if (slot.TakenTicks != 0 && RespMetrics.RoundTrip.Enabled)
        {
            RespMetrics.RecordRoundTrip(_name, _time.GetElapsedTime(slot.TakenTicks));
        }

        slot.Answer(_name, reply);
        if (reply.Type == RespType.Error && Misdirection.IsToldBy(reply))
        {
            Leave(reply);
        }

        return true;
    }
}
