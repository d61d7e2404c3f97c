using System.Diagnostics;
using System.Threading.Tasks.Sources;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>One pooled operation over all nodes: sends a frame to each, counts the votes, and settles once.</summary>
/// <remarks>
/// A synchronous state machine that is driven by replies, failures and cancellation. Exactly one party moves it to
/// <see cref="OperationPhase.Settled"/>; that party alone acts on the outcome. A reply that comes later misses by its generation,
/// so an operation is used again as soon as its result was taken.
/// </remarks>
internal abstract class QuorumOperation : ReplyHandler, IThreadPoolWorkItem
{
    private const int NodeBits = 8;

    private readonly object _gate = new();
    private readonly RespTicket[] _tickets;
    private readonly NodeOutcome[] _outcomes;
    private ManualResetEventSlim? _wake;
    private ManualResetValueTaskSourceCore<bool> _completion;
    private CancellationToken _cancellationToken;
    private CancellationTokenRegistration _registration;
    private QuorumTally _tally;
    private byte[] _frame = [];
    private long _generation;
    private OperationPhase _phase;
    private Waiter _waiter;
    private volatile bool _cancelled;

    protected QuorumOperation(QuorumNodes nodes)
    {
        Nodes = nodes;
        _tickets = new RespTicket[nodes.Channels.Length];
        _outcomes = new NodeOutcome[nodes.Channels.Length];
    }

    protected enum OperationPhase : byte
    {
        Idle = 0,
        Sending,
        Waiting,
        Pausing,
        Settled,
    }

    /// <summary>On whose time the operation settled, which is where its caller may go on.</summary>
    protected enum SettledBy : byte
    {
        /// <summary>The caller's own thread, before it was given anything to await.</summary>
        Caller = 0,

        /// <summary>A thread that reads replies.</summary>
        Reader,

        /// <summary>A timer's thread or a canceller's, which must not run the caller's code.</summary>
        Other,
    }

    private enum Waiter : byte
    {
        None = 0,
        Awaiting,
        Blocking,
        Nobody,
    }

    protected QuorumNodes Nodes { get; }

    protected RedlockMutex Mutex { get; private set; } = null!;

    protected ReadOnlySpan<NodeOutcome> Outcomes => _outcomes;

    protected bool IsCancelled => _cancelled;

    protected CancellationToken CallerToken => _cancellationToken;

    /// <summary>The span of this operation, or <c>null</c> if nobody listens.</summary>
    protected Activity? Span { get; private set; }

    protected abstract TracedOperation Traced { get; }

    protected short Version => _completion.Version;

    void IThreadPoolWorkItem.Execute() => _completion.SetResult(true);

    public sealed override void OnReply(long tag, in RespReply reply)
    {
        if (Volatile.Read(ref _generation) != tag >> NodeBits)
        {
            return;
        }

        int node = (int)(tag & ((1 << NodeBits) - 1));
        NodeVote vote = Read(reply);
        string? error = null;
        if (vote == NodeVote.Failed)
        {
            vote = reply.Type == RespType.Error && ReplyVote.IsMisconfiguration(reply) ? NodeVote.Misconfigured : NodeVote.Failed;
            error = ReplyVote.Describe(Nodes.Channels[node].Name, reply);
        }

        Count(tag, vote, error, SettledBy.Reader);
    }

    public sealed override void OnFailure(long tag, RequestFailure failure)
    {
        int node = (int)(tag & ((1 << NodeBits) - 1));
        Count(tag, VoteOf(failure), Nodes.Channels[node].Describe(failure), SettledBy.Other);
    }

    public ValueTaskSourceStatus GetStatus(short token) => _completion.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    /// <summary>Starts the first round on the caller's thread.</summary>
    protected void BeginAwaiting(RedlockMutex mutex, CancellationToken cancellationToken) => Begin(mutex, Waiter.Awaiting, cancellationToken);

    /// <summary>Runs to the end, blocking the caller's thread and no other.</summary>
    protected void RunBlocking(RedlockMutex mutex, CancellationToken cancellationToken)
    {
        _wake ??= new ManualResetEventSlim();
        _wake.Reset();

        // With one node the caller can read its reply itself. With more it would be tied to one of them, and with a token to none of its cancellations.
        RespReadTurn? turn = Nodes.Channels.Length == 1 && !cancellationToken.CanBeCanceled ? Nodes.Channels[0].TryTakeReadTurn() : null;
        try
        {
            Begin(mutex, Waiter.Blocking, cancellationToken);
        }
        finally
        {
            turn?.ReadUntil(_wake, Nodes.NowTicks + mutex.NodeLimitTicks);
        }

        _wake.Wait(CancellationToken.None);
    }

    /// <summary>Starts the first round; the thread that settles it calls <see cref="EndUnawaited"/> in place of waking anybody.</summary>
    protected void BeginUnawaited(RedlockMutex mutex) => Begin(mutex, Waiter.Nobody, CancellationToken.None);

    /// <summary>Takes the result, on a thread that reads replies or keeps time: short, never blocking.</summary>
    protected virtual void EndUnawaited() => throw new UnreachableException("only an extension runs unawaited");

    /// <summary>Throws if the awaiter asks too early or twice.</summary>
    protected void CheckCompleted(short token) => _completion.GetResult(token);

    /// <summary>One attempt: fresh votes, one frame to every node.</summary>
    protected void RunRound(SettledBy by)
    {
        long generation;
        lock (_gate)
        {
            generation = ++_generation;
            _phase = OperationPhase.Sending;
            _tally = new QuorumTally(_outcomes.Length, Mutex.Quorum);
            for (int node = 0; node < _outcomes.Length; node++)
            {
                _outcomes[node] = new NodeOutcome(Nodes.Channels[node].Name, NodeVote.Pending, null);
                _tickets[node] = default;
            }
        }

        // The clock is read before the first byte goes out.
        long nowTicks = Nodes.NowTicks;
        RoundRequest round = PrepareRound(nowTicks);
        ReadOnlySpan<byte> frame = WriteFrame(round.Template, round.Owner);
        uint unasked = round.Owner.UnaskedNodes(Nodes.Number);
        for (int node = 0; node < _tickets.Length; node++)
        {
            // A cancelled caller does not wait for a release, but the nodes must hear of it.
            if (_cancelled && round.Priority == RequestPriority.Ordinary)
            {
                break;
            }

            if ((unasked & (1u << node)) != 0)
            {
                continue;
            }

            _tickets[node] = Nodes.Channels[node].TrySend(frame, new RespRequest
            {
                Handler = this,
                Tag = (generation << NodeBits) | (uint)node,
                DeadlineTicks = nowTicks + Mutex.NodeLimitTicks,
                Script = round.Script,
                Priority = round.Priority,
            });
        }

        QuorumDecision decision;
        lock (_gate)
        {
            for (int node = 0; node < _tickets.Length; node++)
            {
                RequestFailure refusal = _tickets[node].Failure;
                if ((unasked & (1u << node)) != 0)
                {
                    Cast(node, NodeVote.NothingThere, null);
                }
                else if (refusal != RequestFailure.None)
                {
                    Cast(node, VoteOf(refusal), Nodes.Channels[node].Describe(refusal));
                }
            }

            decision = _tally.Decide();
            if (decision == QuorumDecision.Undecided && !_cancelled)
            {
                _phase = OperationPhase.Waiting;
                return;
            }

            _phase = OperationPhase.Settled;
        }

        Settle(decision, by);
    }

    /// <summary>A bit for each node that refused to take this round's frame.</summary>
    protected uint UnaskedNodes()
    {
        uint unasked = 0;
        for (int node = 0; node < _tickets.Length; node++)
        {
            unasked |= _tickets[node].IsTaken ? 0 : 1u << node;
        }

        return unasked;
    }

    /// <summary>Sends a frame behind every request of the last round that may have been executed, on the connection that carried it; nobody waits for the replies.</summary>
    protected void SendBehind(FrameTemplate template, LockToken owner, RespScript script)
    {
        ReadOnlySpan<byte> frame = WriteFrame(template, owner);
        long deadlineTicks = Nodes.NowTicks + Mutex.NodeLimitTicks;
        for (int node = 0; node < _tickets.Length; node++)
        {
            if (_tickets[node].IsTaken && _outcomes[node].Vote != NodeVote.HeldByOther)
            {
                Nodes.Channels[node].TrySend(frame, new RespRequest
                {
                    DeadlineTicks = deadlineTicks,
                    Script = script,
                    Priority = RequestPriority.Reserved,
                    Behind = _tickets[node],
                });
            }
        }
    }

    /// <summary>Goes from settled to pausing and sets the timer that ends the pause, unless the caller has cancelled meanwhile.</summary>
    protected bool TryPause(ITimer timer, TimeSpan pause)
    {
        lock (_gate)
        {
            if (_cancelled || Nodes.Disposal.IsCancellationRequested)
            {
                return false;
            }

            _phase = OperationPhase.Pausing;

            // Under the gate: whoever else ends the pause lets the operation be used again, and then the timer is set for its next pause.
            timer.Change(pause, Timeout.InfiniteTimeSpan);
            return true;
        }
    }

    /// <summary>Ends a pause; only one party succeeds.</summary>
    protected bool TryEndPause()
    {
        lock (_gate)
        {
            if (_phase != OperationPhase.Pausing)
            {
                return false;
            }

            _phase = OperationPhase.Settled;
            return true;
        }
    }

    /// <summary>Lets the caller take the result. Nothing of the operation may be touched afterwards.</summary>
    protected void Complete(SettledBy by)
    {
        if (_waiter == Waiter.Blocking)
        {
            _wake!.Set();
        }
        else if (_waiter == Waiter.Nobody)
        {
            EndUnawaited();
        }
        else if (by == SettledBy.Caller || (by == SettledBy.Reader && Mutex.Options.Continuation == ContinuationMode.Inline))
        {
            _completion.SetResult(true);
        }
        else
        {
            Nodes.Queue(this);
        }
    }

    /// <summary>Makes the operation new. The result must have been copied out before.</summary>
    protected void Recycle()
    {
        lock (_gate)
        {
            Debug.Assert(_phase == OperationPhase.Settled, "only what is settled is recycled");
            _phase = OperationPhase.Idle;
            _generation++;
            _cancellationToken = default;
            _cancelled = false;
        }

        // A cancellation that is under way misses: it compares its token under the gate.
        _registration.Unregister();
        _registration = default;
        _waiter = Waiter.None;
        Mutex = null!;
        Span = null;
        _completion.Reset();
    }

    /// <summary>Reads a reply as a vote.</summary>
    protected abstract NodeVote Read(in RespReply reply);

    /// <summary>What this round sends, given the time at which it starts.</summary>
    protected abstract RoundRequest PrepareRound(long nowTicks);

    /// <summary>Acts on the outcome of a round: pauses for another one, or completes.</summary>
    /// <param name="decision">Undecided only if the caller has cancelled.</param>
    /// <param name="by">Whose thread this is.</param>
    protected abstract void Settle(QuorumDecision decision, SettledBy by);

    private static NodeVote VoteOf(RequestFailure failure) =>
        failure == RequestFailure.Misconfigured ? NodeVote.Misconfigured : NodeVote.Failed;

    private void Begin(RedlockMutex mutex, Waiter waiter, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Debug.Assert(_phase == OperationPhase.Idle, "an operation serves one caller at a time");
            Mutex = mutex;
            _waiter = waiter;
            _phase = OperationPhase.Sending;
            _cancellationToken = cancellationToken;
        }

        Span = LockTrace.Start(Traced, mutex);

        if (cancellationToken.CanBeCanceled)
        {
            _registration = cancellationToken.UnsafeRegister(static (state, token) => ((QuorumOperation)state!).OnCancelled(token), this);
        }

        RunRound(SettledBy.Caller);
    }

    private void OnCancelled(CancellationToken token)
    {
        lock (_gate)
        {
            if (_phase == OperationPhase.Idle || _cancellationToken != token)
            {
                return;
            }

            // Whoever sends or settles now sees it; a wait or a pause ends here.
            _cancelled = true;
            if (_phase is not (OperationPhase.Waiting or OperationPhase.Pausing))
            {
                return;
            }

            _phase = OperationPhase.Settled;
        }

        Settle(QuorumDecision.Undecided, SettledBy.Other);
    }

    private void Count(long tag, NodeVote vote, string? error, SettledBy by)
    {
        QuorumDecision decision;
        lock (_gate)
        {
            if (_generation != tag >> NodeBits || _phase is not (OperationPhase.Sending or OperationPhase.Waiting))
            {
                return;
            }

            Cast((int)(tag & ((1 << NodeBits) - 1)), vote, error);

            // While frames are still going out, the sender alone settles: it reads what this operation holds.
            if (_phase == OperationPhase.Sending)
            {
                return;
            }

            decision = _tally.Decide();
            if (decision == QuorumDecision.Undecided)
            {
                return;
            }

            _phase = OperationPhase.Settled;
        }

        Settle(decision, by);
    }

    private void Cast(int node, NodeVote vote, string? error)
    {
        if (_tally.TryCast(node, vote))
        {
            _outcomes[node] = _outcomes[node] with { Vote = vote, Error = error };
        }
    }

    private ReadOnlySpan<byte> WriteFrame(FrameTemplate template, LockToken owner)
    {
        if (_frame.Length < template.Length)
        {
            _frame = new byte[template.Length];
        }

        template.Write(owner, _frame);
        return _frame.AsSpan(0, template.Length);
    }

    /// <summary>What a round sends to every node.</summary>
    protected readonly ref struct RoundRequest
    {
        public required FrameTemplate Template { get; init; }

        public required LockToken Owner { get; init; }

        public RespScript? Script { get; init; }

        public RequestPriority Priority { get; init; }
    }
}
