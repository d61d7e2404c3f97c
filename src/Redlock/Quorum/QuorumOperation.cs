using System.Diagnostics;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>One pooled operation over all nodes: runs its rounds, and settles each of them once.</summary>
/// <remarks>
/// A synchronous state machine that is driven by replies, failures and cancellation. Exactly one party moves it to
/// <see cref="OperationPhase.Settled"/>; that party alone acts on the outcome. A reply that comes later misses by its generation,
/// so an operation is used again as soon as its result was taken.
/// </remarks>
internal abstract partial class QuorumOperation : ReplyHandler
{
    private readonly Gate _gate = new();
    private readonly QuorumRound _round;
    private CancellationToken _cancellationToken;
    private CancellationTokenRegistration _registration;
    private OperationPhase _phase;
    private volatile bool _cancelled;

    protected QuorumOperation(FactoryCore nodes)
    {
        Nodes = nodes;
        _round = new QuorumRound(nodes);
    }

    private enum OperationPhase : byte
    {
        Idle = 0,
        Sending,
        Waiting,
        Pausing,
        Settled,

        /// <summary>Its outcome stands, and is there to be taken.</summary>
        Ended,
    }

    /// <summary>Whether the caller has cancelled.</summary>
    public bool IsCancelled => _cancelled;

    /// <summary>Where the caller wants to read what each node said; empty if it does not.</summary>
    public Memory<NodeOutcome> ReportTo { get; set; }

    /// <summary>Of whose lock it is. Asked only while it serves a caller.</summary>
    public MutexDefinition Definition => Mutex;

    protected FactoryCore Nodes { get; }

    protected MutexDefinition Mutex { get; private set; } = null!;

    protected ReadOnlySpan<NodeOutcome> Outcomes => _round.Outcomes;

    protected CancellationToken CallerToken => _cancellationToken;

    /// <summary>Whether the round had to wait for a node: else it took no time, and another one at once would take none either.</summary>
    protected bool HasWaited { get; private set; }

    /// <summary>The span of this operation, or <c>null</c> if nobody listens.</summary>
    protected Activity? Span { get; private set; }

    protected abstract TracedOperation Traced { get; }

    /// <summary>Takes on a caller; its first round is up to it.</summary>
    private void Begin(MutexDefinition mutex, CancellationToken cancellationToken)
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            Debug.Assert(_phase == OperationPhase.Idle, "an operation serves one caller at a time");
            Mutex = mutex;
            _phase = OperationPhase.Sending;
            _cancellationToken = cancellationToken;
        }

        Span = LockTrace.Start(Traced, mutex);

        if (cancellationToken.CanBeCanceled)
        {
            _registration = cancellationToken.UnsafeRegister(static (state, token) => ((QuorumOperation)state!).OnCancelled(token), this);
        }
    }

    /// <summary>One attempt: fresh votes, one frame to every node.</summary>
    protected void RunRound(SettledBy by)
    {
        BeginRound();

        // The clock is read before the first byte goes out.
        long nowTicks = Nodes.NowTicks;
        RoundRequest request = PrepareRound(nowTicks);
        _round.Send(this, request.HearerOr(this), request.FirstTagOr(RoundTag), request, DeadlineOf(request, nowTicks));
        EndSending(by);
    }

    /// <summary>The rest of an attempt whose first node has granted: the same frame to the other nodes.</summary>
    protected void RunRest(SettledBy by)
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            Debug.Assert(_phase == OperationPhase.Settled, "whoever settled goes on");
            _phase = OperationPhase.Sending;
        }

        _round.SendRest(this, Nodes.NowTicks + Mutex.NodeLimitTicks);
        EndSending(by);
    }

    /// <summary>One attempt whose frames are another operation's release too: each reply is a vote in both.</summary>
    /// <param name="release">The predecessor's, which is not sent in any other way.</param>
    /// <param name="succession">Passes the replies on.</param>
    /// <param name="by">Whose thread this is.</param>
    protected void RunSuccession(QuorumOperation release, Succession succession, SettledBy by)
    {
        BeginRound();
        release.BeginRound();
        long nowTicks = Nodes.NowTicks;
        RoundRequest request = PrepareRound(nowTicks);
        LockToken predecessor = release.PrepareRound(nowTicks).Owner;
        succession.Begin(this, _round.FirstTag, release, release._round.FirstTag, predecessor);
        release._round.FollowAll();
        long deadlineTicks = DeadlineOf(request, nowTicks);
        _round.Send(this, succession, succession.FirstTag, request, deadlineTicks);
        release._round.Follow(_round, release, predecessor, deadlineTicks);
        int notTaken = Nodes.Channels.Length - _round.CountTaken();
        EndSending(SettledBy.Other);
        release.EndSending(by);
        succession.EndSending(notTaken);
    }

    private void BeginRound()
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            _phase = OperationPhase.Sending;
            HasWaited = false;
            _round.Begin(Mutex.Quorum);
        }
    }

    private long DeadlineOf(in RoundRequest request, long nowTicks) =>
        Math.Max(nowTicks + Mutex.NodeLimitTicks, request.PatientUntilTicks);

    /// <summary>The frames are out: whoever sent them looks first whether it is decided.</summary>
    private void EndSending(SettledBy by)
    {
        QuorumDecision decision;
        using (_gate.Enter())
        {
            AssertInvariants();
            _round.CastUnsent();
            decision = _round.Decide();
            if (decision == QuorumDecision.Undecided && !_cancelled)
            {
                _phase = OperationPhase.Waiting;
                HasWaited = true;
                return;
            }

            _phase = OperationPhase.Settled;
        }

        Settle(decision, by);
    }

    /// <inheritdoc cref="QuorumRound.IsOf"/>
    protected bool IsOf(long tag) => _round.IsOf(tag);

    /// <inheritdoc cref="QuorumRound.FirstTag"/>
    protected long RoundTag => _round.FirstTag;

    /// <inheritdoc cref="QuorumRound.IsFollowed"/>
    protected bool IsFollowed(int node) => _round.IsFollowed(node);

    /// <inheritdoc cref="QuorumRound.UnaskedNodes"/>
    protected uint UnaskedNodes() => _round.UnaskedNodes();

    /// <inheritdoc cref="QuorumRound.SendRelease"/>
    protected void SendRelease(FrameTemplate template, LockToken owner, ReleaseAfter after) =>
        _round.SendRelease(Mutex, template, owner, after, Nodes.NowTicks + Mutex.NodeLimitTicks);

    /// <summary>What this round sends, given the time at which it starts.</summary>
    protected abstract RoundRequest PrepareRound(long nowTicks);

    /// <summary>Acts on the outcome of a round: pauses for another one, or completes.</summary>
    /// <param name="decision">Undecided only if the caller has cancelled.</param>
    /// <param name="by">Whose thread this is.</param>
    protected abstract void Settle(QuorumDecision decision, SettledBy by);

    private void OnCancelled(CancellationToken token)
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            if (_phase is OperationPhase.Idle or OperationPhase.Ended || _cancellationToken != token)
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

    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        _gate.AssertEntered();
        Debug.Assert((_phase == OperationPhase.Idle) == (Mutex is null), "an operation has a mutex from its beginning to its end");
        Debug.Assert(_phase != OperationPhase.Waiting || _round.Decide() == QuorumDecision.Undecided, "what is decided is not waited for");
        Debug.Assert(_phase != OperationPhase.Idle || !_cancelled, "an idle operation has forgotten its caller");
    }
}
