namespace Redlock.Fast.Quickstart;

/// <summary>The usual way: the end of the block releases. This is the program that the README opens with.</summary>
internal static class AwaitUsing
{
    public static async Task RunAsync(RedlockFactory first, RedlockFactory second, string prefix, StepTable steps)
    {
        RedlockMutex mutex = first.CreateMutex(prefix + "using", MutexOptions.Blocking with { Expiry = TimeSpan.FromSeconds(10) });
        bool wasHeld;

        steps.Begin();
        await using (LockHandle held = await mutex.LockAsync())
        {
            wasHeld = held.IsHeld;
        }

        TimeSpan latency = steps.Elapsed;
        RedlockMutex theirs = second.CreateMutex(prefix + "using");
        LockResult next = await theirs.TryLockAsync();
        await theirs.UnlockAsync(next.Token);
        steps.End("await using", $"second client's turn: {next.Status}", wasHeld && next.IsAcquired, latency);
    }
}
