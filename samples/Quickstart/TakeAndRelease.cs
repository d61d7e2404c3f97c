namespace Redlock.Fast.Quickstart;

/// <summary>Taking, being refused, extending, releasing: each is one round trip to all nodes, answered at quorum.</summary>
internal static class TakeAndRelease
{
    public static async Task RunAsync(RedlockFactory first, RedlockFactory second, string prefix, StepTable steps)
    {
        RedlockMutex mine = first.CreateMutex(prefix + "invoice");
        RedlockMutex theirs = second.CreateMutex(prefix + "invoice");

        steps.Begin();
        LockResult taken = await mine.TryLockAsync();
        steps.End("Take a lock", $"{taken.Status}, {Show.Seconds(mine.Remaining(taken.Token))} to rely on", taken.IsAcquired);

        steps.Begin();
        LockResult refused = await theirs.TryLockAsync();
        steps.End("A second client is refused", $"{refused.Status}: it has a live owner", refused.Status == LockStatus.Contended);

        steps.Begin();
        ExtendResult extended = await mine.ExtendAsync(taken.Token);
        steps.End("Extend it", $"{extended.Status}, {Show.Seconds(mine.Remaining(extended.Token))} to rely on", extended.IsExtended);

        steps.Begin();
        UnlockStatus released = await mine.UnlockAsync(extended.Token);
        steps.End("Release it", $"{released}", released == UnlockStatus.Released);

        steps.Begin();
        UnlockStatus again = await mine.UnlockAsync(extended.Token);
        steps.End("Release it again", $"{again}: nothing was its own", again == UnlockStatus.NotHeld);
    }
}
