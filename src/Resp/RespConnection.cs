using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Redlock.Fast.Resp;

/// <summary>One connection to a node, from the start of its dial to its end: who waits for a reply, what may be sent, and who sends it.</summary>
/// <remarks>Requests are taken from the start, so that the first callers need not wait for the dial; their bytes go out behind the handshake.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "Finish is its end, and disposes what it owns.")]
internal sealed class RespConnection : IThreadPoolWorkItem
{
    private readonly object _gate = new();
    private readonly RequestQueue _queue;
    private readonly DeadlineWatch _deadlines;
    private readonly RequestFailure _beforeReady;
    private readonly long _handshakeEnd;
    private readonly string _name;
    private ConnectionPhase _phase = ConnectionPhase.Dialing;
    private ConnectionEnd? _end;
    private IDuplexPipe? _pipe;
    private SendState _sending;
    private volatile bool _receiving;

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
        _beforeReady = beforeReady;
        _queue = new RequestQueue(options.QueueLimits);
        _deadlines = new DeadlineWatch(this, options);
        new Handshake(this, name).Enqueue(_queue, options, scripts);
        _handshakeEnd = _queue.End;
    }

    private enum ConnectionPhase : byte
    {
        Ended = 0,
        Dialing,
        Handshaking,
        Ready,
    }

    private enum SendState : byte
    {
        Idle = 0,
        DrainQueued,
        Sending,
    }

    /// <summary>The number in the tickets of this connection.</summary>
    public long Number { get; }

    /// <summary>Why it is over; <c>null</c> while it is not.</summary>
    public ConnectionEnd? End => Volatile.Read(ref _end);

    /// <summary>Called once when the handshake is done, on the thread that reads.</summary>
    public Action? BecameReady { get; init; }

    /// <summary>Called once at the end, before those who wait are told, so that they can say why.</summary>
    public Action<ConnectionEnd>? Ending { get; init; }

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
        ReadOnlyMemory<byte> toSend = default;
        long ownEnd;
        lock (_gate)
        {
            AssertInvariants();
            RequestFailure refusal = Admit(frame.Length, request.Priority);
            if (refusal != RequestFailure.None)
            {
                return new RespTicket(refusal);
            }

            bool idle = _queue.Count == 0;
            _queue.Append(frame, request);
            ownEnd = _queue.End;
            _deadlines.Watch(request.DeadlineTicks);
            if (_receiving || _sending != SendState.Idle || !_queue.HasSendable(SendableEnd))
            {
                // Whoever sends now, is queued to, or handles replies looks for more before it stops.
                return new RespTicket(Number);
            }

            // A larger frame could block its caller on a node that has stopped reading.
            if (idle && frame.Length <= RequestQueue.MaxUnansweredBytes)
            {
                _sending = SendState.Sending;
                toSend = _queue.TakeSendable(SendableEnd);
            }
            else
            {
                _sending = SendState.DrainQueued;
            }
        }

        if (toSend.IsEmpty)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        else
        {
            Send(toSend, ownEnd);
        }

        return new RespTicket(Number);
    }

    /// <summary>The drain: sends what has gathered while something was in flight.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        ReadOnlyMemory<byte> toSend;
        lock (_gate)
        {
            if (_sending != SendState.DrainQueued)
            {
                return;
            }

            _sending = SendState.Idle;
            if (!TryBecomeSender(out toSend))
            {
                return;
            }
        }

        Send(toSend, long.MaxValue);
    }

    /// <summary>The dial is done: sends the handshake. Closes <paramref name="pipe"/> if the connection is over already.</summary>
    public void Attach(IDuplexPipe pipe)
    {
        ReadOnlyMemory<byte> toSend;
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
            if (!TryBecomeSender(out toSend))
            {
                return;
            }
        }

        Send(toSend, long.MaxValue);
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
        }

        BecameReady?.Invoke();
    }

    /// <summary>The thread that reads is about to handle replies; what is taken meanwhile goes out in one write at the end of the batch.</summary>
    public void BeginBatch() => _receiving = true;

    public void EndBatch()
    {
        ReadOnlyMemory<byte> toSend;
        lock (_gate)
        {
            _receiving = false;
            if (!TryBecomeSender(out toSend))
            {
                return;
            }
        }

        Send(toSend, long.MaxValue);
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

        slot.Handler?.OnReply(slot.Tag, reply);
        return true;
    }

    /// <summary>Fails the requests whose deadline has passed; their slots stay in line for the late replies.</summary>
    public void ExpireDue()
    {
        ExpiredBatch batch = default;
        Span<ReplySlot> expired = batch;
        int count;
        bool silent;
        do
        {
            lock (_gate)
            {
                if (_phase == ConnectionPhase.Ended)
                {
                    return;
                }

                silent = _deadlines.CollectExpired(_queue, expired, out count) && _phase == ConnectionPhase.Ready;
            }

            foreach (ref ReplySlot slot in expired[..count])
            {
                slot.Handler!.OnFailure(slot.Tag, RequestFailure.TimedOut);
            }
        }
        while (count == expired.Length);

        if (silent)
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
            handedOver = _queue.HandedOver;
            waiting = _queue.TakeAll();
            Volatile.Write(ref _end, end);
        }

        Ending?.Invoke(end);
        _deadlines.Dispose();
        if (_pipe is not null)
        {
            PipeCloser.Close(_pipe);
        }

        foreach (ref ReplySlot slot in waiting.AsSpan())
        {
            RequestFailure failure = slot.FrameEnd <= handedOver && end.Failure != RequestFailure.Disposed ? RequestFailure.ConnectionLost : end.Failure;
            slot.Handler?.OnFailure(slot.Tag, failure);
        }
    }

    private long SendableEnd => _phase switch
    {
        ConnectionPhase.Ready => _queue.End,
        ConnectionPhase.Handshaking => _handshakeEnd,
        _ => 0,
    };

    private RequestFailure Admit(int frameBytes, RequestPriority priority)
    {
        if (_phase != ConnectionPhase.Ready)
        {
            if (_phase == ConnectionPhase.Ended)
            {
                return _end!.Failure;
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

    private bool TryBecomeSender(out ReadOnlyMemory<byte> toSend)
    {
        if (_sending == SendState.Sending || !_queue.HasSendable(SendableEnd))
        {
            toSend = default;
            return false;
        }

        _sending = SendState.Sending;
        toSend = _queue.TakeSendable(SendableEnd);
        return true;
    }

    /// <summary>Sends, and goes on up to <paramref name="until"/>; what lies behind is left to the drain, so that no caller sends for the others for long.</summary>
    private void Send(ReadOnlyMemory<byte> bytes, long until)
    {
        try
        {
            do
            {
                ValueTask<FlushResult> flush = _pipe!.Output.WriteAsync(bytes);
                if (!flush.IsCompletedSuccessfully)
                {
                    _ = FinishSendAsync(flush);
                    return;
                }

                ThrowIfReaderGone(flush.Result);
            }
            while (TryGoOn(until, out bytes));
        }
        catch (Exception failure)
        {
            FinishLost(failure);
        }
    }

    private async Task FinishSendAsync(ValueTask<FlushResult> flush)
    {
        ReadOnlyMemory<byte> bytes;
        try
        {
            ThrowIfReaderGone(await flush.ConfigureAwait(false));
            if (!TryGoOn(long.MaxValue, out bytes))
            {
                return;
            }
        }
        catch (Exception failure)
        {
            FinishLost(failure);
            return;
        }

        Send(bytes, long.MaxValue);
    }

    private bool TryGoOn(long until, out ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            _sending = SendState.Idle;
            if (_phase == ConnectionPhase.Ended || !_queue.HasSendable(SendableEnd))
            {
                bytes = default;
                return false;
            }

            if (_queue.HandedOver < until)
            {
                return TryBecomeSender(out bytes);
            }

            bytes = default;
            if (_receiving)
            {
                return false;
            }

            _sending = SendState.DrainQueued;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return false;
    }

    /// <summary>The transport failed under a read or a write.</summary>
    public void FinishLost(Exception failure) =>
        Finish(new ConnectionEnd(RequestFailure.NotConnected, $"{_name}: the connection was lost: {failure.Message}"));

    private static void ThrowIfReaderGone(FlushResult result)
    {
        if (result.IsCompleted)
        {
            throw new IOException("the other side has stopped reading.");
        }
    }

    // On the stack, so that any number of requests can time out without allocating.
    [InlineArray(32)]
    private struct ExpiredBatch
    {
        private ReplySlot _first;
    }

    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        _queue.AssertInvariants();
        Debug.Assert(_phase != ConnectionPhase.Ended || _queue.Count == 0, "nobody waits on a connection that is over");
        Debug.Assert(_phase != ConnectionPhase.Dialing || _sending == SendState.Idle, "nothing is sent before there is a pipe");
    }
}
