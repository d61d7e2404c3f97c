using System.Diagnostics;

namespace Redlock.Fast.Bench;

/// <summary>
/// Callers that each take and release a name of their own without pause: the load that a service offers, whatever comes back.
/// </summary>
internal sealed class Lockers
{
    private readonly List<Task> _running = [];
    private long _locks;
    private long _failures;
    private volatile bool _isOver;

    /// <summary>Starts them.</summary>
    /// <param name="factory">Whose names are taken.</param>
    /// <param name="count">How many.</param>
    public Lockers(RedlockFactory factory, int count)
    {
        for (int locker = 0; locker < count; locker++)
        {
            RedlockMutex mutex = factory.CreateMutex($"locker-{locker}", MutexOptions.NonBlocking);
            _running.Add(Task.Run(() => LoopAsync(mutex)));
        }
    }

    public async Task<Rate> MeasureAsync(TimeSpan duration)
    {
        long locks = Volatile.Read(ref _locks);
        long failures = Volatile.Read(ref _failures);
        long start = Stopwatch.GetTimestamp();
        await Task.Delay(duration);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new Rate((Volatile.Read(ref _locks) - locks) / seconds, (Volatile.Read(ref _failures) - failures) / seconds);
    }

    public Task StopAsync()
    {
        _isOver = true;
        return Task.WhenAll(_running);
    }

    private async Task LoopAsync(RedlockMutex mutex)
    {
        while (!_isOver)
        {
            LockResult result = await mutex.TryLockAsync();
            if (result.IsAcquired)
            {
                await mutex.UnlockAsync(result.Token);
                Interlocked.Increment(ref _locks);
            }
            else
            {
                Interlocked.Increment(ref _failures);

                // As a lock waits that is tried several times: who asks without a pause measures only how fast he is refused.
                await Task.Delay(mutex.Options.Delay * (0.5 + Random.Shared.NextDouble()));
            }
        }
    }

    /// <summary>What came of the load, a second.</summary>
    internal readonly record struct Rate(double Locks, double Failures);
}
