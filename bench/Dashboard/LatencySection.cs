using System.Globalization;

namespace Redlock.Fast.Bench;

/// <summary>One cycle at a time against the floor, interleaved round by round.</summary>
internal static class LatencySection
{
    private static readonly Dictionary<string, double> _goals = new()
    {
        ["tcp.n1.async"] = 1.10,
        ["tcp.n3.async"] = 1.00,
        ["tcp.n5.async"] = 1.15,
        ["unix.n1.async"] = 1.90,
        ["tcp.n1.sync"] = 1.05,
        ["unix.n1.sync"] = 1.15,
        ["tcp.n1.inline"] = 1.08,
        ["unix.n1.inline"] = 1.12,
        ["tcp.n3.inline"] = 0.90,
        ["tcp.n5.inline"] = 1.05,
        ["unix.n3.inline"] = 0.85,
        ["unix.n5.inline"] = 1.10,
    };

    // In percent; close together where few cycles are slow.
    private static readonly double[] _quantiles =
        [1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 92, 94, 95, 96, 97, 98, 98.5, 99, 99.2, 99.4, 99.6, 99.7, 99.8, 99.9];

    public static async Task RunAsync(Report report, bool quick)
    {
        await using Servers servers = await Servers.StartAsync(5);
        foreach (string transport in new[] { "tcp", "unix" })
        {
            foreach (int nodes in new[] { 1, 3, 5 })
            {
                report.Progress($"cycle.{transport}.n{nodes}");
                await MeasureAsync(report, servers.Endpoints(transport, nodes), $"{transport}.n{nodes}", quick);
            }
        }
    }

    private static async Task MeasureAsync(Report report, string[] endpoints, string name, bool quick)
    {
        await using RedlockFactory factory = RedlockFactory.Create(endpoints);
        await factory.WaitUntilConnectedAsync();
        using Floor floor = new(endpoints, "floor-cycle-name", MutexOptions.NonBlocking.Expiry);
        (string Name, Action<double[]> Run)[] variants = CycleRounds.Waited(factory, floor);
        CycleRounds rounds = CycleRounds.Run(variants, quick ? 4 : 10, quick ? 6 : 80);
        WriteQuantiles(report, name, rounds.Samples);
        report.Add($"cycle.{name}.floor.p50_us", rounds.FloorMicroseconds);
        for (int variant = 1; variant < variants.Length; variant++)
        {
            string full = $"{name}.{variants[variant].Name}";
            Goal? goal = _goals.TryGetValue(full, out double bound) ? Goal.Most(bound) : null;
            report.Add($"cycle.{full}.p50_ratio", rounds.MedianRatio(variant), goal);
            report.Add($"cycle.{full}.p99_ratio", rounds.TailRatio(variant), Goal.Most(1.5));
        }
    }

    /// <summary>Each variant's quantiles against the floor's, for the chart.</summary>
    private static void WriteQuantiles(Report report, string name, IReadOnlyList<List<double>> samples)
    {
        string folder = Path.Combine(report.Folder, "data");
        Directory.CreateDirectory(folder);
        using StreamWriter data = new(Path.Combine(folder, $"latency.{name}.txt"));
        double[][] variants = [.. samples.Select(one => one.ToArray())];
        foreach (double percent in _quantiles)
        {
            double[] values = [.. variants.Select(one => Statistics.Percentile(one, percent))];
            data.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{percent} {values[1] / values[0]:0.0000} {values[2] / values[0]:0.0000} {values[3] / values[0]:0.0000}"));
        }
    }
}
