using System.Diagnostics;

namespace Redlock.Fast.Bench;

/// <summary>Callers that each take and release a name of their own without pause: the load that a service offers, whatever comes back.</summary>
internal sealed class Lockers
{
    private readonly List<Task> _running = [];
    private readonly int _pauseMilliseconds;
    private long _locks;
    private long _failures;
    private volatile bool _isOver;

    /// <summary>Starts them.</summary>
    /// <param name="factory">Whose names are taken.</param>
    /// <param name="count">How many.</param>
    /// <param name="pause">The longest pause behind a failed attempt: who is refused at once would else do nothing but ask.</param>
    public Lockers(RedlockFactory factory, int count, TimeSpan pause)
    {
        _pauseMilliseconds = Math.Max(1, (int)pause.TotalMilliseconds);
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
                await Task.Delay(Random.Shared.Next(_pauseMilliseconds));
            }
        }
    }

    /// <summary>What came of the load, a second.</summary>
    internal readonly record struct Rate(double Locks, double Failures);
}
