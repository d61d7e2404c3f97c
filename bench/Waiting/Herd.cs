using System.Diagnostics;

namespace Redlock.Fast.Bench;

/// <summary>Callers of one process that all want the same name, again and again without a pause.</summary>
internal sealed class Herd
{
    private readonly RedlockMutex _mutex;
    private readonly TimeSpan _hold;
    private readonly long _endTicks;
    private readonly long[] _holds;
    private readonly long[] _longestWaits;

    private Herd(RedlockMutex mutex, int callers, TimeSpan hold, TimeSpan duration)
    {
        _mutex = mutex;
        _hold = hold;
        _holds = new long[callers];
        _longestWaits = new long[callers];
        _endTicks = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
    }

    /// <summary>Runs them.</summary>
    /// <param name="mutex">What they want.</param>
    /// <param name="callers">How many they are.</param>
    /// <param name="hold">How long each keeps it, busy all the while.</param>
    /// <param name="duration">How long they go on.</param>
    public static async Task<HerdSample> RunAsync(RedlockMutex mutex, int callers, TimeSpan hold, TimeSpan duration)
    {
        Herd herd = new(mutex, callers, hold, duration);
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => herd.LoopAsync(caller))));
        return new HerdSample(
            herd._holds.Sum(),
            herd._holds.Min(),
            herd._holds.Max(),
            TimeSpan.FromSeconds((double)herd._longestWaits.Max() / Stopwatch.Frequency),
            Stopwatch.GetElapsedTime(start));
    }

    private async Task LoopAsync(int caller)
    {
        long asked = Stopwatch.GetTimestamp();
        while (asked < _endTicks)
        {
            await using (await _mutex.LockAsync())
            {
                long held = Stopwatch.GetTimestamp();
                _longestWaits[caller] = Math.Max(_longestWaits[caller], held - asked);
                _holds[caller] += held < _endTicks ? 1 : 0;
                Spin(held);
            }

            asked = Stopwatch.GetTimestamp();
        }
    }

    private void Spin(long since)
    {
        while (Stopwatch.GetElapsedTime(since) < _hold)
        {
            Thread.SpinWait(20);
        }
    }
}
