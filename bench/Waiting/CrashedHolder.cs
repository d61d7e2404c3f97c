using System.Diagnostics;
using System.Globalization;

namespace Redlock.Fast.Bench;

/// <summary>From the acquisition of a holder whose process is killed to that of who waited for it.</summary>
internal static class CrashedHolder
{
    /// <summary>How long the lock lasts that nobody releases.</summary>
    public static TimeSpan Expiry { get; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Kills one holder.</summary>
    /// <param name="endpoints">The nodes.</param>
    /// <param name="waiter">Who waits.</param>
    /// <returns>Milliseconds.</returns>
    public static async Task<double> OutliveAsync(string[] endpoints, RedlockMutex waiter)
    {
        using ConversingProcess holder = ConversingProcess.Start(["locker", waiter.Name, .. endpoints]);
        await holder.HearAsync();
        holder.Tell(string.Create(CultureInfo.InvariantCulture, $"keep {Expiry.TotalMilliseconds}"));
        long start = long.Parse(await holder.HearAsync(), CultureInfo.InvariantCulture);
        Task<long> taking = TakeAsync(waiter);
        holder.Kill();
        return Stopwatch.GetElapsedTime(start, await taking).TotalMilliseconds;
    }

    private static async Task<long> TakeAsync(RedlockMutex mutex)
    {
        LockHandle held = await mutex.LockAsync();
        long heldAt = Stopwatch.GetTimestamp();
        await held.DisposeAsync();
        return heldAt;
    }
}
