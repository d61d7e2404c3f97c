using System.Diagnostics;

namespace Redlock.Fast.Bench;

/// <summary>So many cycles of one client at a time, each on a name of its own.</summary>
internal sealed class ClientLoad
{
    private readonly LockCycle[] _cycles;

    /// <summary>Prepares the names.</summary>
    /// <param name="client">Who locks.</param>
    /// <param name="inFlight">How many at a time.</param>
    public ClientLoad(LockClient client, int inFlight)
    {
        Client = client;
        _cycles = [.. Enumerable.Range(0, inFlight).Select(index => client.NewCycle($"load-of-{client.Name}-{index:0000}"))];
    }

    /// <summary>Who locks.</summary>
    public LockClient Client { get; }

    /// <summary>Runs them, and measures.</summary>
    /// <param name="cycles">How many in all.</param>
    public async Task<ClientSample> RunAsync(int cycles)
    {
        int each = Math.Max(2, cycles / _cycles.Length);
        double[] microseconds = new double[each * _cycles.Length];
        using Process self = Process.GetCurrentProcess();

        // What starting the loops allocates is not the client's: one cycle of each is started as all are.
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await RunAsync(microseconds, 1);
        long started = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan processorTime = self.TotalProcessorTime;
        long start = Stopwatch.GetTimestamp();
        int failed = await RunAsync(microseconds, each);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long bytes = GC.GetTotalAllocatedBytes(precise: true) - started - (started - before);
        self.Refresh();
        processorTime = self.TotalProcessorTime - processorTime;
        int done = microseconds.Length;
        return new ClientSample(
            Statistics.Percentile(microseconds, 50),
            Math.Max(0, (double)bytes / (done - _cycles.Length)),
            done / seconds,
            processorTime.TotalMicroseconds / done,
            failed);
    }

    private async Task<int> RunAsync(double[] microseconds, int each)
    {
        int[] failed = await Task.WhenAll(
            _cycles.Select((cycle, index) => Task.Run(() => LoopAsync(cycle, microseconds.AsMemory(index * each, each)))));
        return failed.Sum();
    }

    private static async Task<int> LoopAsync(LockCycle cycle, Memory<double> microseconds)
    {
        int failed = 0;
        for (int index = 0; index < microseconds.Length; index++)
        {
            long start = Stopwatch.GetTimestamp();
            failed += await cycle.RunAsync() ? 0 : 1;
            microseconds.Span[index] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        return failed;
    }
}
