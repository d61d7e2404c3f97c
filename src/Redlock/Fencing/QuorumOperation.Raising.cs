using System.Diagnostics;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

// A second round of the attempt that is under way.
internal abstract partial class QuorumOperation
{
    /// <inheritdoc cref="QuorumRound.PrepareRaise"/>
    protected void PrepareRaise() => _round.PrepareRaise();

    /// <inheritdoc cref="QuorumRound.EndRaise"/>
    protected void EndRaise() => _round.EndRaise();

    /// <summary>
    /// Has the nodes confirm an owner's number, for as long as a node may take, and no longer than the attempt is good for.
    /// </summary>
    protected void RunRaise(LockToken owner, long untilTicks, SettledBy by)
    {
        uint asked;
        using (_gate.Enter())
        {
            AssertInvariants();
            Debug.Assert(_phase == OperationPhase.Settled, "whoever settled goes on");
            _phase = OperationPhase.Sending;
            asked = _round.BeginRaise(Mutex.Quorum);
        }

        long latestTicks = Math.Min(owner.DeadlineTicks, untilTicks);
        long deadlineTicks = Math.Min(latestTicks, Nodes.NowTicks + Mutex.NodeLimitTicks);
        RoundRequest request = new()
        {
            Template = Mutex.ExtendFrame,
            Owner = owner,

            // It keeps up what the first round has done.
            Priority = RequestPriority.Reserved,
        };
        _round.SendRaise(this, request, asked, deadlineTicks);
        EndSending(by);
    }
}
