using System.Diagnostics;
using System.Globalization;

namespace Redlock.Fast.Bench;

/// <summary>Many who want the same name at once: how fast it goes round, and whether each gets it as often as the others.</summary>
internal static class HerdSection
{
    private const int Callers = 64;
    private const int Processes = 8;

    // What a process does that holds it, in milliseconds.
    private const double Hold = 0.3;

    public static async Task RunAsync(Report report, bool quick)
    {
        await using Servers servers = await Servers.StartAsync(5);
        foreach (int nodes in new[] { 1, 3 })
        {
            report.Progress($"herd.process.w{Callers}.n{nodes}");
            await Task.Run(() => MeasureProcessAsync(report, servers.Endpoints("tcp", nodes), quick));
        }

        foreach (int nodes in new[] { 3, 5 })
        {
            report.Progress($"herd.processes.p{Processes}.n{nodes}");
            await MeasureProcessesAsync(report, servers.Endpoints("tcp", nodes), quick);
        }
    }

    private static async Task MeasureProcessAsync(Report report, string[] endpoints, bool quick)
    {
        await using RedlockFactory factory = RedlockFactory.Create(endpoints);
        await factory.WaitUntilConnectedAsync(endpoints.Length);
        RedlockMutex mutex = factory.CreateMutex("herds-name-of-16", MutexOptions.Blocking);
        using Floor floor = new(endpoints, "floor-cycle-name", MutexOptions.Blocking.Expiry);
        TimeSpan duration = TimeSpan.FromSeconds(quick ? 1 : 3);
        await Herd.RunAsync(mutex, Callers, TimeSpan.Zero, duration);
        List<double> rates = [], ratios = [], fairness = [];
        for (int round = 0; round < (quick ? 3 : 7); round++)
        {
            double sequential = CyclesPerSecond(floor, duration / 2);
            HerdSample herd = await Herd.RunAsync(mutex, Callers, TimeSpan.Zero, duration);
            rates.Add(herd.HoldsPerSecond);
            ratios.Add(herd.HoldsPerSecond / sequential);
            fairness.Add((double)herd.Fewest / herd.Most);
        }

        string name = $"herd.process.w{Callers}.n{endpoints.Length}";
        report.Add($"{name}.holds_per_second", Statistics.Median(rates));
        report.Add($"{name}.vs_sequential", Statistics.Median(ratios), Goal.Least(1.2));
        report.Add($"{name}.fairness", Statistics.Median(fairness), Goal.Least(0.9));
    }

    private static double CyclesPerSecond(Floor floor, TimeSpan duration)
    {
        long start = Stopwatch.GetTimestamp();
        long cycles = 0;
        for (; Stopwatch.GetElapsedTime(start) < duration; cycles++)
        {
            floor.Cycle();
        }

        return cycles / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task MeasureProcessesAsync(Report report, string[] endpoints, bool quick)
    {
        List<ConversingProcess> processes = [];
        try
        {
            for (int process = 0; process < Processes; process++)
            {
                processes.Add(ConversingProcess.Start(["locker", "herds-name-of-16", .. endpoints]));
                await processes[^1].HearAsync();
            }

            int seconds = quick ? 3 : 6;
            await RunAsync(processes, 1);
            List<double> rates = [], ratios = [], fairness = [], waits = [];
            for (int round = 0; round < (quick ? 1 : 5); round++)
            {
                HerdSample alone = await RunAsync(processes[round % Processes], seconds / 3);
                HerdSample all = await RunAsync(processes, seconds);
                rates.Add(all.HoldsPerSecond);
                ratios.Add(all.HoldsPerSecond / alone.HoldsPerSecond);
                fairness.Add((double)all.Fewest / all.Most);
                waits.Add(all.LongestWait * all.HoldsPerSecond / TimeSpan.FromSeconds(1));
            }

            string name = $"herd.processes.p{Processes}.n{endpoints.Length}";
            report.Add($"{name}.holds_per_second", Statistics.Median(rates));
            report.Add($"{name}.vs_alone", Statistics.Median(ratios), Goal.Least(0.4));
            report.Add($"{name}.fairness", Statistics.Median(fairness), Goal.Least(0.5));
            report.Add($"{name}.longest_wait_turns", Statistics.Median(waits), Goal.Most(100));
        }
        finally
        {
            processes.ForEach(process => process.Dispose());
        }
    }

    private static async Task<HerdSample> RunAsync(List<ConversingProcess> processes, int seconds) =>
        HerdSample.Of(await Task.WhenAll(processes.Select(process => RunAsync(process, seconds))));

    private static async Task<HerdSample> RunAsync(ConversingProcess process, int seconds)
    {
        process.Tell(string.Create(CultureInfo.InvariantCulture, $"herd {Hold} {seconds * 1000}"));
        return HerdSample.Parse(await process.HearAsync());
    }
}
