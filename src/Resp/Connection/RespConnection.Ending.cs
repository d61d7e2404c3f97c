namespace Redlock.Fast.Resp;

// How requests run out of time, and how a connection ends: everybody who waits is told once, whatever the foreign code does that is called
// meanwhile.
internal sealed partial class RespConnection
{
    /// <summary>
    /// Fails the requests whose deadline has passed. The slots of those that were sent stay in line for the late replies; the others are
    /// not sent.
    /// </summary>
    public void ExpireDue()
    {
        if (_gate.IsEntered)
        {
            // A clock that rings while it is set.
            _node.Scheduler.Queue(this);
            return;
        }

        ExpiredBatch batch = default;
        Span<ReplySlot> expired = batch;
        int count;
        bool silent;
        bool isOwedInVain;
        do
        {
            using (_gate.Enter())
            {
                AssertInvariants();
                if (_phase == ConnectionPhase.Ended)
                {
                    return;
                }

                silent = _deadlines.CollectExpired(_queue, expired, _phase is ConnectionPhase.Ready or ConnectionPhase.Leaving, out count);
                isOwedInVain = _phase == ConnectionPhase.Leaving && _deadlines.IsSilent;
            }

            foreach (ref ReplySlot slot in expired[..count])
            {
                slot.Fail(_node, slot.FrameEnd == ReplySlot.Unsent ? RequestFailure.TimedOutUnsent : RequestFailure.TimedOut);
            }
        }
        while (count == expired.Length);

        if (isOwedInVain)
        {
            Finish(_leaving!);
        }
        else if (silent)
        {
            Finish(
                RequestFailure.NotConnected,
                $"the node has answered nothing for {_deadlines.LimitOfSilence.TotalSeconds:0.##} s while requests were waiting; "
                + "the connection was closed.");
        }
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => ExpireDue();

    /// <summary>Ends the connection, because of something that is told to people behind the node's name.</summary>
    public void Finish(RequestFailure failure, string what, ConnectionEndCause cause = ConnectionEndCause.Other) =>
        Finish(new ConnectionEnd(failure, $"{_node.Name}: {what}") { Cause = cause });

    /// <summary>Ends the connection; only the first call counts. Everything still waiting is told so.</summary>
    public void Finish(ConnectionEnd end)
    {
        List<ReplySlot> waiting;
        long handedOver;
        using (_gate.Enter())
        {
            AssertInvariants();
            if (_phase == ConnectionPhase.Ended)
            {
                return;
            }

            _phase = ConnectionPhase.Ended;
            handedOver = _queue.Line.HandedOver;
            waiting = _queue.TakeAll();
            Volatile.Write(ref _end, end);
            Turn.End();
        }

        _observer.OnEnding(end);
        NodeHandlers.Run(_node.Name, _deadlines.Dispose);
        if (_pipe is { } pipe)
        {
            NodeHandlers.Run(_node.Name, () => PipeCloser.Close(_node.Name, pipe));
        }

        foreach (ReplySlot slot in waiting)
        {
            bool mayBeExecuted = slot.FrameEnd != ReplySlot.Unsent && slot.FrameEnd <= handedOver;
            slot.Fail(_node, mayBeExecuted && end.Failure != RequestFailure.Disposed ? RequestFailure.ConnectionLost : end.Failure);
        }
    }

    /// <summary>The transport failed under a read or a write.</summary>
    public void FinishLost(Exception failure) =>
        Finish(
            RequestFailure.NotConnected,
            $"the connection was lost: {_node.Text.Line(failure.Message)}",
            ConnectionEndCause.ClosedByNode);

    /// <summary>
    /// Takes nothing more, and ends once it has answered what it owes. Called while a reply is handled, of which that is looked at.
    /// </summary>
    public void Leave(ConnectionEnd end)
    {
        _observer.OnEnding(end);
        using (_gate.Enter())
        {
            AssertInvariants();
            if (_phase == ConnectionPhase.Ready)
            {
                _phase = ConnectionPhase.Leaving;
                Volatile.Write(ref _leaving, end);
            }
        }
    }

    /// <summary>A new dial may find a server, or a login, for which this error is not the answer.</summary>
    private void Leave(in RespReply error)
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            if (_phase != ConnectionPhase.Ready)
            {
                return;
            }
        }

        if (!_observer.MayLeave())
        {
            return;
        }

        string said = $"the node answered with {_node.Text.Excerpt(error.Bytes)}: {Misdirection.MeaningOf(error)}";
        string text = $"{_node.Name}: {said}; the address is dialed again.";
        Leave(new ConnectionEnd(RequestFailure.NotConnected, text) { Cause = ConnectionEndCause.Misdirection });
    }

    private void FinishOnceAnswered()
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            if (!_queue.OwesNobody)
            {
                return;
            }
        }

        Finish(_leaving!);
    }
}
