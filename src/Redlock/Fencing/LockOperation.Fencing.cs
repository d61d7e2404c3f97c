using Redlock.Fast.Resp;

namespace Redlock.Fast;

// How the attempt of a fenced mutex comes to its number: the nodes that granted it agree on one, or a quorum confirms the largest.
internal sealed partial class LockOperation
{
    // Read also when a reply comes for an operation that is over: it must not ask whose lock it was.
    private FencingRound _fencing;
    private int _raises;

    /// <summary>Which round of an attempt it is.</summary>
    private enum FencingRound : byte
    {
        /// <summary>The only one of a mutex that is not fenced.</summary>
        None = 0,

        /// <summary>Each node that grants says its number.</summary>
        Taking,

        /// <summary>The numbers differed, and the largest is being confirmed.</summary>
        Raising,
    }

    // Behind a second frame, what the first one did is older than it.
    private ReleaseAfter CleanUpAfter =>
        _fencing == FencingRound.Raising ? ReleaseAfter.Extension : ReleaseAfter.Acquisition;

    private void BeginFencing()
    {
        _fencing = FencingRound.Taking;
        _owner = _owner.Fenced(FencingNumber.Proposal(Nodes.Clock.UtcNow));
        PrepareRaise();
    }

    private NodeVote ReadFenced(in RespReply reply) =>
        _fencing == FencingRound.Raising ? ReplyVote.OfScript(reply) : ReplyVote.OfFencedTake(reply);

    /// <summary>A quorum has granted; sees to it that one stands behind the number.</summary>
    /// <returns>False if a second round is under way for it, which settles again.</returns>
    private bool TryAgree(SettledBy by)
    {
        if (_fencing != FencingRound.Taking)
        {
            return true;
        }

        long most = 0;
        bool differ = false;
        foreach (ref readonly NodeOutcome outcome in Outcomes)
        {
            if (outcome.Vote == NodeVote.Granted)
            {
                differ |= most != 0 && outcome.FencingNumber != most;
                most = Math.Max(most, outcome.FencingNumber);
            }
        }

        _owner = _owner.Fenced(most);
        if (differ)
        {
            // Counters below the number could give it, or a smaller one, to whoever comes next.
            _fencing = FencingRound.Raising;
            _raises++;
            // A wait that is over has no time for it but what is left of the attempt's own.
            RunRaise(_owner, Math.Max(_waitUntilTicks, _attemptTicks + Mutex.NodeLimitTicks), by);
        }

        return !differ;
    }

    /// <summary>A round was settled.</summary>
    /// <returns>Whether it was a second one, so that a quorum had granted the lock before.</returns>
    private bool EndsRaise()
    {
        if (_fencing != FencingRound.Raising)
        {
            return false;
        }

        EndRaise();
        return true;
    }

    private void TellRaises()
    {
        LockMetrics.CountRaises(_raises);
        _raises = 0;
    }
}
