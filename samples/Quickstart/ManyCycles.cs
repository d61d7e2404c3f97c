namespace Redlock.Fast.Quickstart;

/// <summary>One lock and release after the other, for a feeling of what a cycle costs here.</summary>
internal static class ManyCycles
{
    private const int Cycles = 1000;

    public static async Task RunAsync(RedlockFactory first, string prefix, StepTable steps)
    {
        RedlockMutex mutex = first.CreateMutex(prefix + "cycle");
        List<TimeSpan> times = [];
        int kept = 0;
        for (int cycle = 0; cycle < Cycles; cycle++)
        {
            steps.Begin();
            LockResult taken = await mutex.TryLockAsync();
            UnlockStatus released = await mutex.UnlockAsync(taken.Token);
            times.Add(steps.Elapsed);
            kept += taken.IsAcquired && released == UnlockStatus.Released ? 1 : 0;
        }

        times.Sort();
        steps.End("Lock, release, 1,000 times", $"{kept} kept; median of a cycle", kept == Cycles, times[Cycles / 2]);
    }
}
