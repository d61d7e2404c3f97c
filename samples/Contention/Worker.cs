using System.Diagnostics;

namespace Redlock.Fast.Contention;

/// <summary>Wants the name once a round, and holds it for a moment.</summary>
internal sealed class Worker(RedlockMutex mutex, char process, int number)
{
    private static readonly TimeSpan _holdTime = TimeSpan.FromMilliseconds(10);

    // Far beyond a round: whoever is not given the name by then has been forgotten.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    /// <summary>The process that it belongs to.</summary>
    public char Process { get; } = process;

    public override string ToString() => $"{Process}{number}";

    /// <exception cref="TimeoutException">It was not given the name.</exception>
    public async Task<Turn> TakeAsync(int round, long startTimestamp)
    {
        TimeSpan wanted = Stopwatch.GetElapsedTime(startTimestamp);
        LockResult taken = await mutex.TryLockAsync(_patience);
        if (!taken.IsAcquired)
        {
            throw new TimeoutException($"{this} did not get the name within {_patience.TotalSeconds:0} s: {taken.Status}.");
        }

        TimeSpan held = Stopwatch.GetElapsedTime(startTimestamp);
        await Task.Delay(_holdTime);
        TimeSpan released = Stopwatch.GetElapsedTime(startTimestamp);
        await mutex.UnlockAsync(taken.Token);
        return new Turn(this, round, wanted, held, released);
    }
}
