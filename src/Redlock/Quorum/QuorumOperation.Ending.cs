using System.Diagnostics;

namespace Redlock.Fast;

// From the moment at which the outcome stands until the next caller comes.
internal abstract partial class QuorumOperation
{
    /// <summary>Tells the caller, and whoever looks at the mutex, what each node said. On the thread that takes the result.</summary>
    protected void Report()
    {
        Mutex.Latest.Record(Outcomes);
        if (!ReportTo.IsEmpty)
        {
            Outcomes.CopyTo(ReportTo.Span);
            ReportTo = default;
        }
    }

    /// <summary>Starts without a round: there is nothing yet that a node has said.</summary>
    protected void ForgetOutcomes()
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            _round.Begin(Mutex.Quorum);
            _phase = OperationPhase.Settled;
        }
    }

    /// <summary>Tells what another operation heard in place of what this one did.</summary>
    protected void ShowOutcomes(ReadOnlySpan<NodeOutcome> outcomes)
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            _round.Show(outcomes);
        }
    }

    /// <summary>Ends what is under way as the caller's cancellation would.</summary>
    private void CutShort() => OnCancelled(_cancellationToken);

    /// <summary>The outcome stands, whatever is cancelled from here on. The last step before the caller is told.</summary>
    private void Close()
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            Debug.Assert(_phase == OperationPhase.Settled, "only what is settled ends");
            _phase = OperationPhase.Ended;
        }

        // Here and not where the result is taken: of an operation that nobody awaits, nothing must be held on to.
        // A cancellation that is under way misses: it compares its token under the gate.
        _registration.Unregister();
        _registration = default;
    }

    /// <summary>Forgets its caller; whatever still comes for it misses.</summary>
    private void Retire()
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            Debug.Assert(_phase == OperationPhase.Ended, "only what has ended is recycled");
            _phase = OperationPhase.Idle;
            _round.End();
            _cancellationToken = default;
            _cancelled = false;
            Mutex = null!;
        }

        Span = null;
    }
}
