namespace Redlock.Fast;

// What is told of a call that waited: counted while it does, and told where its result is taken, for whoever measures runs code of its own.
internal sealed partial class LockOperation
{
    private WaitTally _wait;

    /// <summary>Why it asks the nodes again; under the gate of the lines.</summary>
    public void NoteWake(WakeCause cause) => _wait.NoteWake(cause);

    private void BeginWait()
    {
        _wait.Begin(LockMetrics.Waits.IsTimed ? Nodes.NowTicks : 0);
        LockMetrics.Waits.NoteJoined();
    }

    private void TellObserver(Exception? cutOff)
    {
        if (cutOff is null && Observation.IsWanted(Nodes.Observer))
        {
            LockResult result = ResultWith(default) with { LooksMisconfigured = LooksMisconfigured() };
            Observation.TellTried(Nodes.Observer!, Mutex, result);
        }
    }

    private void TellWait(Exception? cutOff)
    {
        WaitEnd end = _wait.EndOf(_status, _attempt, cutOff);
        LockTrace.DescribeWait(Span, end, _attempts);
        LockMetrics.Waits.Tell(_wait, end, Nodes.Clock);
        _wait = default;
    }
}
