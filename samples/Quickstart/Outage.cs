namespace Redlock.Fast.Quickstart;

/// <summary>Two of five nodes may go without anybody noticing; with the third gone, an outage is called an outage.</summary>
internal static class Outage
{
    private const string WithoutTwo = "Two of five nodes stop";
    private const string WithoutThree = "A third stops";

    public static async Task RunAsync(SampleNodes nodes, RedlockFactory first, string prefix, StepTable steps)
    {
        if (!nodes.MayBeStopped)
        {
            steps.LeaveOut(WithoutTwo, "left out: never on your nodes");
            steps.LeaveOut(WithoutThree, "left out: never on your nodes");
            return;
        }

        RedlockMutex mutex = first.CreateMutex(prefix + "outage");
        nodes.Stop(0);
        nodes.Stop(1);
        steps.Begin();
        LockResult taken = await mutex.TryLockAsync();
        steps.End(WithoutTwo, $"{taken.Status} all the same", taken.IsAcquired);
        await mutex.UnlockAsync(taken.Token);

        nodes.Stop(2);
        steps.Begin();
        LockResult refused = await mutex.TryLockAsync();
        steps.End(WithoutThree, $"{refused.Status}, not {LockStatus.Contended}", refused.Status == LockStatus.Unavailable);
        steps.Outage = refused.Nodes;
    }
}
