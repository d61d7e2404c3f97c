using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;

namespace Redlock.Fast.Resp;

/// <summary>One connection to a node, from the start of its dial to its end: who is admitted, who waits for a reply, and who is told what.</summary>
/// <remarks>Requests are taken from the start, so that the first callers need not wait for the dial; their bytes go out behind the handshake.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "Finish is its end, and disposes what it owns.")]
internal sealed class RespConnection
{
    private readonly object _gate = new();
    private readonly RequestQueue _queue;
    private readonly FrameSender _sender;
    private readonly DeadlineWatch _deadlines;
    private readonly RequestFailure _beforeReady;
    private readonly long _handshakeEnd;
    private readonly string _name;
    private readonly ServerText _serverText;
    private readonly TimeProvider _time;
    private ConnectionPhase _phase = ConnectionPhase.Dialing;
    private ConnectionEnd? _end;
    private ConnectionEnd? _leaving;
    private IDuplexPipe? _pipe;
    private RespReadTurn? _receiver;

    /// <summary>Starts to take requests.</summary>
    /// <param name="number">Above zero, never used before on this node.</param>
    /// <param name="name">The node's name.</param>
    /// <param name="options">The node's options.</param>
    /// <param name="scripts">What the handshake loads.</param>
    /// <param name="beforeReady">What requests are told until the handshake is done; <see cref="RequestFailure.None"/> lets them wait for it.</param>
    public RespConnection(long number, string name, RespNodeOptions options, RespScript[] scripts, RequestFailure beforeReady)
    {
        Number = number;
        _name = name;
        _time = options.Time;
        _beforeReady = beforeReady;
        _queue = new RequestQueue(options.QueueLimits);
        _sender = new FrameSender(_gate, _queue, FinishLost);
        Turn = new ReadTurn(_gate, _queue);
        _deadlines = new DeadlineWatch(this, options);
        _serverText = new ServerText(options.Password);
        new Handshake(this, name, _serverText).Enqueue(_queue, options, scripts);
        _handshakeEnd = _queue.End;
    }

    private enum ConnectionPhase : byte
    {
        Ended = 0,
        Dialing,
        Handshaking,
        Ready,

        // What was taken is still answered; nothing is taken any more but what must follow it.
        Leaving,
    }

    /// <summary>The number in the tickets of this connection.</summary>
    public long Number { get; }

    /// <summary>Why it is over; <c>null</c> while it is not.</summary>
    public ConnectionEnd? End => Volatile.Read(ref _end);

    public ReadTurn Turn { get; }

    /// <summary>Called once when the handshake is done, on the thread that reads.</summary>
    public Action? BecameReady { get; init; }

    /// <inheritdoc cref="RequestQueue.ScriptForgotten"/>
    public ReplyHandler? ScriptForgotten { init => _queue.ScriptForgotten = value; }

    /// <summary>Called before anybody is told of the end, or refused because of it, so that they can say why.</summary>
    public Action<ConnectionEnd>? Ending { get; init; }

    /// <summary>Asked whether an error of the node is to end the connection; nothing does without it.</summary>
    public Misdirection? Misdirection { get; init; }

    public int Pending
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    public RespTicket TrySend(ReadOnlySpan<byte> frame, in RespRequest request)
    {
        FrameSender.Duty duty;
        lock (_gate)
        {
            AssertInvariants();
            RequestFailure refusal = Admit(frame.Length, request);
            if (refusal != RequestFailure.None)
            {
                return new RespTicket(refusal);
            }

            _queue.Append(frame, request);
            if (RespMetrics.RoundTrip.Enabled)
            {
                _queue[_queue.Count - 1].TakenTicks = _time.GetTimestamp();
            }

            _deadlines.Watch(request.DeadlineTicks);
            duty = _sender.Appended(frame.Length);
            Turn.Demand();
        }

        _sender.Carry(duty);
        return new RespTicket(Number);
    }

    /// <summary>The dial is done: sends the handshake. Closes <paramref name="pipe"/> if the connection is over already.</summary>
    public void Attach(IDuplexPipe pipe)
    {
        FrameSender.Duty duty;
        lock (_gate)
        {
            if (_phase == ConnectionPhase.Ended)
            {
                PipeCloser.Close(pipe);
                return;
            }

            Debug.Assert(_phase == ConnectionPhase.Dialing, "a connection has one pipe");
            _pipe = pipe;
            _phase = ConnectionPhase.Handshaking;
            duty = _sender.Open(pipe.Output, _handshakeEnd);
        }

        _sender.Carry(duty);
    }

    /// <summary>The handshake is done: what has gathered may go out, at the latest when the thread that reads has handled its batch.</summary>
    public void BecomeReady()
    {
        lock (_gate)
        {
            if (_phase != ConnectionPhase.Handshaking)
            {
                return;
            }

            _phase = ConnectionPhase.Ready;
            _sender.OpenWide();
        }

        BecameReady?.Invoke();
    }

    /// <summary>From now on callers may read.</summary>
    public void OfferTurns(RespReadTurn receiver) => Volatile.Write(ref _receiver, receiver);

    public RespReadTurn? TryTakeTurn() => Volatile.Read(ref _receiver) is { } receiver && Turn.TryTake() ? receiver : null;

    /// <inheritdoc cref="FrameSender.BeginBatch"/>
    public void BeginBatch() => _sender.BeginBatch();

    public void EndBatch()
    {
        FrameSender.Duty duty;
        lock (_gate)
        {
            duty = _sender.EndBatch();
        }

        _sender.Carry(duty);
    }

    /// <summary>Hands one reply to whoever waits for it.</summary>
    /// <returns>False if no request waits for a reply: the node broke the protocol.</returns>
    public bool TryAnswer(in RespReply reply)
    {
        ReplySlot slot;
        lock (_gate)
        {
            AssertInvariants();
            if (!_queue.TryTakeAnswered(reply, out slot))
            {
                return false;
            }

            _deadlines.NoteReply();
        }

        if (slot.TakenTicks != 0)
        {
            RespMetrics.RecordRoundTrip(_name, _time.GetElapsedTime(slot.TakenTicks));
        }

        slot.Handler?.OnReply(slot.Tag, reply);
        if (reply.Type == RespType.Error && Misdirection.IsToldBy(reply))
        {
            Leave(reply);
        }

        if (Volatile.Read(ref _leaving) is not null)
        {
            FinishOnceAnswered();
        }

        return true;
    }

    /// <summary>Fails the requests whose deadline has passed; their slots stay in line for the late replies.</summary>
    public void ExpireDue()
    {
        ExpiredBatch batch = default;
        Span<ReplySlot> expired = batch;
        int count;
        bool silent;
        bool isOwedInVain;
        do
        {
            lock (_gate)
            {
                if (_phase == ConnectionPhase.Ended)
                {
                    return;
                }

                silent = _deadlines.CollectExpired(_queue, expired, out count) && _phase == ConnectionPhase.Ready;
                isOwedInVain = _phase == ConnectionPhase.Leaving && _deadlines.IsSilent;
            }

            foreach (ref ReplySlot slot in expired[..count])
            {
                slot.Fail(_name, RequestFailure.TimedOut);
            }
        }
        while (count == expired.Length);

        if (isOwedInVain)
        {
            Finish(_leaving!);
        }
        else if (silent)
        {
            Finish(new ConnectionEnd(
                RequestFailure.NotConnected,
                $"{_name}: the node has answered nothing for {_deadlines.SilenceLimit.TotalSeconds:0.#} s while requests were waiting; the connection was closed."));
        }
    }

    /// <summary>Ends the connection; only the first call counts. Everything still waiting is told so.</summary>
    public void Finish(ConnectionEnd end)
    {
        ReplySlot[] waiting;
        long handedOver;
        lock (_gate)
        {
            if (_phase == ConnectionPhase.Ended)
            {
                return;
            }

            _phase = ConnectionPhase.Ended;
            _sender.Close();
            handedOver = _queue.HandedOver;
            waiting = _queue.TakeAll();
            Volatile.Write(ref _end, end);
            Turn.End();
        }

        Ending?.Invoke(end);
        _deadlines.Dispose();
        if (_pipe is not null)
        {
            PipeCloser.Close(_pipe);
        }

        foreach (ref ReplySlot slot in waiting.AsSpan())
        {
            slot.Fail(_name, slot.FrameEnd <= handedOver && end.Failure != RequestFailure.Disposed ? RequestFailure.ConnectionLost : end.Failure);
        }
    }

    /// <summary>The transport failed under a read or a write.</summary>
    public void FinishLost(Exception failure) =>
        Finish(new ConnectionEnd(RequestFailure.NotConnected, $"{_name}: the connection was lost: {_serverText.Strip(failure.Message)}"));

    /// <summary>This is not the server to ask: takes nothing more, and ends once it has answered what it owes.</summary>
    private void Leave(in RespReply error)
    {
        lock (_gate)
        {
            if (_phase != ConnectionPhase.Ready || Misdirection?.TryLeave() != true)
            {
                return;
            }
        }

        ConnectionEnd end = new(
            RequestFailure.NotConnected,
            $"{_name}: the node answered with {_serverText.Excerpt(error.Bytes)}: it is not the server to ask, or no longer; the address is dialed again.")
        {
            IsMisdirection = true,
        };
        Ending?.Invoke(end);
        lock (_gate)
        {
            if (_phase == ConnectionPhase.Ready)
            {
                _phase = ConnectionPhase.Leaving;
                Volatile.Write(ref _leaving, end);
            }
        }
    }

    private void FinishOnceAnswered()
    {
        lock (_gate)
        {
            if (_queue.Count > 0)
            {
                return;
            }
        }

        Finish(_leaving!);
    }

    private RequestFailure Admit(int frameBytes, in RespRequest request)
    {
        RequestPriority priority = request.Priority;
        if (_phase != ConnectionPhase.Ready)
        {
            if (_phase == ConnectionPhase.Ended)
            {
                return _end!.Failure;
            }

            if (_phase == ConnectionPhase.Leaving)
            {
                return request.Behind.IsTaken && _queue.HasRoom(frameBytes, priority) ? RequestFailure.None : RequestFailure.NotConnected;
            }

            if (_beforeReady != RequestFailure.None)
            {
                return _beforeReady;
            }

            // What timed out during the dial is still sent behind the handshake, and so must be what undoes it.
            if (_deadlines.IsSilent && priority == RequestPriority.Ordinary)
            {
                return RequestFailure.NotConnected;
            }
        }
        else if (_deadlines.IsSilent && priority == RequestPriority.Ordinary)
        {
            return RequestFailure.Silent;
        }

        return _queue.HasRoom(frameBytes, priority) ? RequestFailure.None : RequestFailure.QueueFull;
    }

    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        _queue.AssertInvariants();
        Debug.Assert(_phase != ConnectionPhase.Ended || _queue.Count == 0, "nobody waits on a connection that is over");
        _sender.AssertInvariants();
    }
}
