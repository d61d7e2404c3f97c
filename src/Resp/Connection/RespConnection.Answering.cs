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
                slot.Fail(_node, RequestFailure.TimedOutUnsent);
            }
        }
        while (count == late.Length);

        _sender.Carry(duty);
        if (Volatile.Read(ref _leaving) is not null)
        {
            FinishOnceAnswered();
        }
    }

    /// <summary>Hands one reply to whoever waits for it, or hears what comes unasked.</summary>
    /// <returns>False if no request waits for a reply: the node broke the protocol.</returns>
    public bool TryAnswer(in RespReply reply)
    {
        if (_hearsPushes && _observer.TryTakePush(reply))
        {
            return true;
        }

        ReplySlot slot;
        bool isRepeated;
        using (_gate.Enter())
        {
            AssertInvariants();
            if (!_queue.TryTakeAnswered(reply, _batchTicks, out slot, out isRepeated))
            {
                return false;
            }

            _deadlines.NoteReply(_batchTicks);
        }

        if (slot.TakenTicks != 0 && RespMetrics.AreTimed)
        {
            RespMetrics.RecordReply(_node.Name, _time.GetElapsedTime(slot.TakenTicks), slot, reply);
        }

        if (isRepeated)
        {
            RespMetrics.CountScriptReload(_node.Name);
        }

        slot.Answer(_node.Name, reply);
        if (reply.Type == RespType.Error && (Misdirection.IsToldBy(reply) || CommandRefusal.IsToldBy(slot, reply)))
        {
            Leave(reply);
        }

        return true;
    }
}
