using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;

namespace Redlock.Fast.Resp;

/// <summary>
/// One connection to a node, from the start of its dial to its end: who is admitted, who waits for a reply, and who is told what.
/// </summary>
/// <remarks>
/// Requests are taken from the start, so that the first callers need not wait for the dial; their bytes go out behind the handshake.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Finish is its end, and disposes what it owns.")]
internal sealed partial class RespConnection : IThreadPoolWorkItem
{
    // What a busy machine adds to a round trip now and then.
    private static readonly TimeSpan _slack = TimeSpan.FromMilliseconds(5);

    private readonly Gate _gate = new();
    private readonly RequestQueue _queue;
    private readonly FrameSender _sender;
    private readonly DeadlineWatch _deadlines;
    private readonly RequestFailure _beforeReady;
    private readonly Handshake _handshake;
    private readonly NodeContext _node;
    private readonly IConnectionObserver _observer;
    private readonly bool _hearsPushes;
    private readonly TimeProvider _time;
    private ConnectionPhase _phase = ConnectionPhase.Dialing;
    private ConnectionEnd? _end;
    private ConnectionEnd? _leaving;
    private IDuplexPipe? _pipe;
    private RespReadTurn? _receiver;

    // When the replies that are being handled were read. Only whoever reads uses it.
    private long _batchTicks;

    /// <summary>Starts to take requests.</summary>
    /// <param name="number">Above zero, never used before on this node.</param>
    /// <param name="node">The node.</param>
    /// <param name="observer">Told what becomes of it.</param>
    /// <param name="scripts">What the handshake loads.</param>
    /// <param name="beforeReady">
    /// What requests are told until the handshake is done; <see cref="RequestFailure.None"/> lets them wait for it.
    /// </param>
    /// <param name="leftOut">What the handshake does without.</param>
    public RespConnection(
        long number,
        NodeContext node,
        IConnectionObserver observer,
        RespScript[] scripts,
        RequestFailure beforeReady,
        HandshakeStep leftOut = HandshakeStep.AskForServer)
    {
        Number = number;
        _node = node;
        _observer = observer;
        _hearsPushes = observer.HearsPushes;
        _time = node.Time;
        _beforeReady = beforeReady;
        _queue = new RequestQueue(node.Options.QueueLimits, ClockTicks.Of(_time, _slack));
        _sender = new FrameSender(_gate, _queue, node.Scheduler, FinishLost);
        Turn = new ReadTurn(_gate, _queue, _time);
        _deadlines = new DeadlineWatch(this, _gate, node.Options);
        _handshake = new Handshake(this, node, scripts, leftOut);
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

    /// <summary>The step of the handshake at which the node closed the connection; none if it did not.</summary>
    public HandshakeStep ClosedAt =>
        End is { Cause: ConnectionEndCause.ClosedByNode } && _pipe is not null ? _handshake.Unanswered : HandshakeStep.None;

    public ReadTurn Turn { get; }

    public int Pending
    {
        get
        {
            using (_gate.Enter())
            {
                AssertInvariants();
                return _queue.Count;
            }
        }
    }

    public RespTicket TrySend(ReadOnlySpan<byte> frame, in RespRequest request)
    {
        long now = _time.GetTimestamp();
        FrameSender.Duty duty = default;
        ReplySlot withdrawn = default;
        long number = 0;
        using (_gate.Enter())
        {
            AssertInvariants();
            if (!request.Undoes.IsTaken || !_queue.TryWithdraw(request.Undoes.Number, out withdrawn))
            {
                RequestFailure refusal = Admit(frame.Length, request);
                if (refusal != RequestFailure.None)
                {
                    return new RespTicket(refusal);
                }

                number = _queue.Append(frame, request, now);
                _deadlines.Watch(request.DeadlineTicks);
                duty = _sender.Appended();
                Turn.Demand(request.DeadlineTicks - now);
            }
        }

        if (number == 0)
        {
            withdrawn.Fail(_node, RequestFailure.Withdrawn);
            return new RespTicket(RequestFailure.Withdrawn);
        }

        _sender.Carry(duty);
        return new RespTicket(Number, number);
    }

    /// <summary>The dial is done: sends the handshake. Closes <paramref name="pipe"/> if the connection is over already.</summary>
    /// <param name="pipe">The transport.</param>
    /// <param name="login">What the node is entered with.</param>
    public void Attach(IDuplexPipe pipe, Login login)
    {
        FrameSender.Duty duty;
        using (_gate.Enter())
        {
            AssertInvariants();
            if (_phase == ConnectionPhase.Ended)
            {
                PipeCloser.Close(_node.Name, pipe);
                return;
            }

            Debug.Assert(_phase == ConnectionPhase.Dialing, "a connection has one pipe");
            _pipe = pipe;
            _phase = ConnectionPhase.Handshaking;
            _handshake.Enqueue(_queue, login);
            duty = _sender.Open(pipe.Output);
        }

        _sender.Carry(duty);
    }

    /// <summary>
    /// The handshake is done: what has gathered may go out, at the latest when the thread that reads has handled its batch.
    /// </summary>
    public void BecomeReady()
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            if (_phase != ConnectionPhase.Handshaking)
            {
                return;
            }

            _phase = ConnectionPhase.Ready;
            _queue.Open(_batchTicks);
        }

        _observer.OnReady();
    }

    /// <summary>Who answers on this connection.</summary>
    public void Introduce(RespServer server) => _observer.OnServer(server);

    /// <summary>How requests that run a script go out from now on.</summary>
    public void RunScripts(ScriptRoute route)
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            _queue.Line.Route = route;
        }
    }

    /// <summary>From now on callers may read.</summary>
    public void OfferTurns(RespReadTurn receiver) => Volatile.Write(ref _receiver, receiver);

    /// <summary>What callers may take; <c>null</c> until then, or for ever.</summary>
    public RespReadTurn? ReadTurn => Volatile.Read(ref _receiver);

    private RequestFailure Admit(int frameBytes, in RespRequest request)
    {
        _gate.AssertEntered();
        if (_phase != ConnectionPhase.Ready)
        {
            if (_phase == ConnectionPhase.Ended)
            {
                return _end!.Failure;
            }

            if (_phase == ConnectionPhase.Leaving)
            {
                return (request.Behind.IsTaken || request.Undoes.IsTaken) && _queue.HasRoom(frameBytes, request)
                    ? RequestFailure.None
                    : RequestFailure.NotConnected;
            }

            if (_beforeReady != RequestFailure.None && request.Handler is not HandshakeSupplement)
            {
                return _beforeReady;
            }

            if (_deadlines.IsSilent && request.Priority == RequestPriority.Ordinary)
            {
                return RequestFailure.NotConnected;
            }
        }
        else if (_deadlines.IsSilent && request.Priority == RequestPriority.Ordinary && !_hearsPushes)
        {
            // Not a subscriber's commands: they have no time limit, and nobody asks again for one that was refused.
            return RequestFailure.Silent;
        }

        return _queue.HasRoom(frameBytes, request) ? RequestFailure.None : RequestFailure.QueueFull;
    }

    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        _queue.AssertInvariants();
        Debug.Assert(_phase != ConnectionPhase.Ended || _queue.Count == 0, "nobody waits on a connection that is over");
        _sender.AssertInvariants();
    }
}
