namespace Redlock.Fast;

// How an operation sleeps between two rounds, and gives one up whose time is over.
internal abstract partial class QuorumOperation
{
    /// <summary>Goes from settled to pausing, unless the caller has cancelled meanwhile.</summary>
    protected bool TryPause(Pause pause, long untilTicks)
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            if (_cancelled || Nodes.Disposal.IsCancellationRequested)
            {
                return false;
            }

            _phase = OperationPhase.Pausing;

            // Under the gate: whoever else ends the pause lets the operation be used again, and then the timer is set for its next pause.
            pause.Begin(untilTicks);
            return true;
        }
    }

    /// <summary>Lets a pause end at another time, if there is one.</summary>
    /// <returns>Whether there is.</returns>
    protected bool TryPauseAnew(Pause pause, long untilTicks)
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            if (_phase != OperationPhase.Pausing)
            {
                return false;
            }

            pause.Begin(untilTicks);
            return true;
        }
    }

    /// <summary>Sets the time at which a wait for replies is to be given up, for whoever sends them.</summary>
    protected void SetPause(Pause pause, long untilTicks)
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            pause.Begin(untilTicks);
        }
    }

    /// <summary>Goes from waiting for replies to settled, if the pause is over.</summary>
    protected bool TryGiveUp(Pause pause)
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            if (_phase != OperationPhase.Waiting || !pause.IsOver())
            {
                return false;
            }

            _phase = OperationPhase.Settled;
            return true;
        }
    }

    /// <summary>Ends a pause; only one party succeeds.</summary>
    /// <param name="pause">The one that must be over, or <c>null</c> to cut it short.</param>
    protected bool TryEndPause(Pause? pause)
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            if (_phase != OperationPhase.Pausing || pause?.IsOver() == false)
            {
                return false;
            }

            _phase = OperationPhase.Settled;
            return true;
        }
    }
}
