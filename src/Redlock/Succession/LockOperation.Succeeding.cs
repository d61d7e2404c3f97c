namespace Redlock.Fast;

// A caller in line that is given the lock by whoever releases it.
internal sealed partial class LockOperation
{
    private int _successions;

    /// <summary>Takes the lock from a holder that releases it so.</summary>
    public void Succeed(QuorumOperation release, in Surrender given, SettledBy by)
    {
        _attempt = Attempt.Succeed;
        _predecessor = given.Token;
        _successions = given.Successions + 1;
        RunSuccession(release, Nodes.Successions.Rent(), by);
    }

    // What it got otherwise came from nobody of its process.
    private int SuccessionsOfThis => _attempt == Attempt.Succeed ? _successions : 0;

    // On a node that did not execute it the succession releases the predecessor. Whoever waits is woken: a holder's lock goes.
    private void UndoSuccession()
    {
        _wait.NoteSuccessionUndone();
        SendRelease(Mutex.ReleaseFrame, _owner, ReleaseAfter.Succession);
    }
}
