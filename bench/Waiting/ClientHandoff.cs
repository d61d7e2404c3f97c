using System.Collections.Concurrent;
using System.Diagnostics;

namespace Redlock.Fast.Bench;

/// <summary>From a release in one instance of a library to the acquisition in another one that waits, in one process.</summary>
internal static class ClientHandoff
{
    /// <summary>Measures it, on several names at a time if what is measured is mostly sleep.</summary>
    /// <param name="holder">Who holds.</param>
    /// <param name="waiter">Who waits, another instance.</param>
    /// <param name="names">On how many names.</param>
    /// <param name="rounds">How often on each.</param>
    /// <returns>Each in milliseconds.</returns>
    public static async Task<double[]> MeasureAsync(IWaitingClient holder, IWaitingClient waiter, int names, int rounds)
    {
        ConcurrentBag<double> milliseconds = [];
        await Task.WhenAll(Enumerable.Range(0, names).Select(index => Task.Run(async () =>
        {
            for (int round = -1; round < rounds; round++)
            {
                double one = await HandOverAsync(holder, waiter, $"handed-between-clients-{index}");
                if (round >= 0)
                {
                    milliseconds.Add(one);
                }
            }
        })));
        return [.. milliseconds];
    }

    private static async Task<double> HandOverAsync(IWaitingClient holder, IWaitingClient waiter, string name)
    {
        IAsyncDisposable held = await holder.TakeAsync(name);
        Task<long> waiting = Task.Run(() => TakeAsync(waiter, name));

        await Task.Delay(HandoffPause.Next());
        long start = Stopwatch.GetTimestamp();
        await held.DisposeAsync();
        return Stopwatch.GetElapsedTime(start, await waiting).TotalMilliseconds;
    }

    private static async Task<long> TakeAsync(IWaitingClient client, string name)
    {
        IAsyncDisposable held = await client.TakeAsync(name);
        long heldAt = Stopwatch.GetTimestamp();
        await held.DisposeAsync();
        return heldAt;
    }
}
