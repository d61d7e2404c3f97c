using System.Diagnostics;

namespace Redlock.Fast.Quickstart;

/// <summary>A lock is a lease: a holder that goes silent loses it, and learns so.</summary>
internal static class Expire
{
    // Far above a round trip, far below a reader's patience.
    private static readonly TimeSpan _expiry = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(5);

    public static async Task RunAsync(RedlockFactory first, RedlockFactory second, string prefix, StepTable steps)
    {
        RedlockMutex mine = first.CreateMutex(prefix + "lease", MutexOptions.NonBlocking with { Expiry = _expiry });
        RedlockMutex theirs = second.CreateMutex(prefix + "lease");

        steps.Begin();
        long started = Stopwatch.GetTimestamp();
        LockResult abandoned = await mine.TryLockAsync();
        LockResult next;
        while (!(next = await theirs.TryLockAsync()).IsAcquired && Stopwatch.GetElapsedTime(started) < _limit)
        {
            await Task.Delay(_pause);
        }

        steps.End(
            $"Expire after {_expiry.TotalMilliseconds} ms",
            $"second client's turn: {next.Status}",
            abandoned.IsAcquired && next.IsAcquired);

        steps.Begin();
        ExtendResult late = await mine.ExtendAsync(abandoned.Token);
        steps.End("Extend what is lost", $"{late.Status}: its deadline is over", late.Status == ExtendStatus.NotHeld);

        await theirs.UnlockAsync(next.Token);
    }
}
