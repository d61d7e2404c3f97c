namespace Redlock.Fast;

// A vote for it says that the lock is free.
internal sealed partial class LockOperation
{
    protected override VoteUse Use => VoteUse.Acquisition;
}
