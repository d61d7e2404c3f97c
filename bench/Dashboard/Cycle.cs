using System.Diagnostics;

namespace Redlock.Fast.Bench;

/// <summary>Lock and unlock in a loop, each cycle timed in nanoseconds.</summary>
internal static class Cycle
{
    public static void Floor(Floor floor, double[] samples)
    {
        for (int index = 0; index < samples.Length; index++)
        {
            long start = Stopwatch.GetTimestamp();
            floor.Cycle();
            samples[index] = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        }
    }

    public static void Synchronous(RedlockMutex mutex, double[] samples)
    {
        for (int index = 0; index < samples.Length; index++)
        {
            long start = Stopwatch.GetTimestamp();
            LockResult result = mutex.TryLock();
            Check(result, mutex);
            mutex.Unlock(result.Token);
            samples[index] = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        }
    }

    /// <summary>The same through a handle, for a mutex whose releases are posted.</summary>
    public static void Posted(RedlockMutex mutex, double[] samples) =>
        Task.Run(() => RunPostedAsync(mutex, samples)).GetAwaiter().GetResult();

    /// <summary>Starts on the thread pool, where a service's code runs.</summary>
    public static void Asynchronous(RedlockMutex mutex, double[] samples) =>
        Task.Run(() => RunAsync(mutex, samples)).GetAwaiter().GetResult();

    private static async Task RunAsync(RedlockMutex mutex, double[] samples)
    {
        for (int index = 0; index < samples.Length; index++)
        {
            long start = Stopwatch.GetTimestamp();
            LockResult result = await mutex.TryLockAsync();
            Check(result, mutex);
            await mutex.UnlockAsync(result.Token);
            samples[index] = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        }
    }

    private static async Task RunPostedAsync(RedlockMutex mutex, double[] samples)
    {
        for (int index = 0; index < samples.Length; index++)
        {
            long start = Stopwatch.GetTimestamp();
            LockResult result = await mutex.TryLockAsync();
            Check(result, mutex);
            await result.Handle.DisposeAsync();
            samples[index] = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        }
    }

    private static void Check(LockResult result, RedlockMutex mutex)
    {
        if (!result.IsAcquired)
        {
            throw new InvalidOperationException($"{mutex.Name}: {result.Status}: {string.Join("; ", mutex.LastAttemptByAnyone)}");
        }
    }
}
