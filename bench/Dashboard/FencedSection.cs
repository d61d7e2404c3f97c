using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Redlock.Fast.Bench;

/// <summary>Fenced locks against plain ones, interleaved round by round, and how often their nodes do not agree at once.</summary>
internal static class FencedSection
{
    private const int Processes = 8;
    private const string Raises = "redlock.fencing.raises";

    // As of the herd: long enough to be a hold, short enough for many.
    private const string Hold = "0.3";

    private static readonly MutexOptions _fenced = MutexOptions.NonBlocking with { Fenced = true };

    public static async Task RunAsync(Report report, bool quick)
    {
        await using Servers servers = await Servers.StartAsync(5);
        foreach (int nodes in new[] { 1, 3, 5 })
        {
            report.Progress($"fenced.tcp.n{nodes}");
            await MeasureAsync(report, servers.Endpoints("tcp", nodes), $"fenced.tcp.n{nodes}", quick);
        }

        report.Progress($"fenced.processes.p{Processes}");
        await MeasureProcessesAsync(report, servers.Endpoints("tcp", 3), quick);
    }

    private static async Task MeasureAsync(Report report, string[] endpoints, string name, bool quick)
    {
        await using RedlockFactory factory = RedlockFactory.Create(endpoints);
        await factory.WaitUntilConnectedAsync(endpoints.Length);
        using RaiseCount raises = new();
        RedlockMutex plain = factory.CreateMutex("plain-cycle-name", MutexOptions.NonBlocking);
        RedlockMutex fenced = factory.CreateMutex("fence-cycle-name", _fenced);
        (string, Action<double[]>)[] variants =
            [("plain", samples => Cycle.Asynchronous(plain, samples)), ("fenced", samples => Cycle.Asynchronous(fenced, samples))];
        CycleRounds rounds = CycleRounds.Run(variants, quick ? 4 : 10, quick ? 6 : 80);
        report.Add($"{name}.p50_ratio", rounds.MedianRatio(1), Goal.Most(1.10));
        report.Add($"{name}.p99_ratio", rounds.TailRatio(1));
        report.Add($"{name}.second_rounds", (double)raises.Total / rounds.Samples[1].Count, Goal.Most(0));

        List<double> ratios = [];
        for (int round = 0; round < (quick ? 2 : 7); round++)
        {
            double bare = await CyclesPerSecondAsync(factory, MutexOptions.NonBlocking, quick);
            ratios.Add(await CyclesPerSecondAsync(factory, _fenced, quick) / bare);
        }

        report.Add($"{name}.c64.throughput_ratio", Statistics.Median(ratios), Goal.Least(0.75));
    }

    private static async Task<double> CyclesPerSecondAsync(RedlockFactory factory, MutexOptions options, bool quick)
    {
        const int InFlight = 64;
        int cycles = quick ? 200 : 1000;
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(locker => Task.Run(async () =>
        {
            RedlockMutex mutex = factory.CreateMutex(string.Create(CultureInfo.InvariantCulture, $"fenced-load-{locker}"), options);
            for (int cycle = 0; cycle < cycles; cycle++)
            {
                LockResult result = await mutex.TryLockAsync();
                if (result.IsAcquired)
                {
                    await mutex.UnlockAsync(result.Token);
                }
            }
        })));
        return InFlight * cycles / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task MeasureProcessesAsync(Report report, string[] endpoints, bool quick)
    {
        List<ConversingProcess> processes = [];
        try
        {
            for (int process = 0; process < Processes; process++)
            {
                processes.Add(ConversingProcess.Start(["locker", "fenced-herds-name", .. endpoints]));
                await processes[^1].HearAsync();
            }

            int milliseconds = quick ? 3000 : 15_000;
            string[] answers = await Task.WhenAll(processes.Select(async process =>
            {
                process.Tell(string.Create(CultureInfo.InvariantCulture, $"fenced {Hold} {milliseconds}"));
                return await process.HearAsync();
            }));
            long holds = 0;
            long raises = 0;
            foreach (string[] words in answers.Select(answer => answer.Split(' ')))
            {
                holds += long.Parse(words[0], CultureInfo.InvariantCulture);
                raises += long.Parse(words[1], CultureInfo.InvariantCulture);
            }

            string name = $"fenced.processes.p{Processes}.n{endpoints.Length}";
            report.Add($"{name}.holds_per_second", holds * 1000.0 / milliseconds);
            report.Add($"{name}.second_rounds", (double)raises / Math.Max(1, holds), Goal.Most(0.05));
        }
        finally
        {
            processes.ForEach(process => process.Dispose());
        }
    }

    /// <summary>What one of several processes does: the same name, fenced, for some time.</summary>
    /// <returns>How often it had it, and how many second rounds that took.</returns>
    public static async Task<string> ContendAsync(RedlockFactory factory, string name, TimeSpan hold, TimeSpan duration)
    {
        using RaiseCount raises = new();
        RedlockMutex mutex = factory.CreateMutex(name, MutexOptions.Blocking with { Fenced = true });
        HerdSample sample = await Herd.RunAsync(mutex, 1, hold, duration);
        return string.Create(CultureInfo.InvariantCulture, $"{sample.Holds} {raises.Total}");
    }

    /// <summary>Counts second rounds while it is there.</summary>
    private sealed class RaiseCount : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _total;

        public RaiseCount()
        {
            _listener.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == Raises)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref _total, count));
            _listener.Start();
        }

        public long Total => Interlocked.Read(ref _total);

        public void Dispose() => _listener.Dispose();
    }
}
