namespace Redlock.Fast.Bench;

/// <summary>
/// The same cycles as those of the section before, on cores that never sleep: a wake-up costs little, and what the library itself costs
/// shows.
/// </summary>
/// <remarks>On idle cores the floor has two lengths: whether a core must be woken for the reply decides, and ratios flip with it.</remarks>
internal static class AwakeSection
{
    private static readonly Dictionary<string, double> _goals = new()
    {
        ["tcp.n1.async"] = 1.25,
        ["tcp.n1.inline"] = 1.05,
        ["tcp.n3.async"] = 0.90,
        ["tcp.n5.async"] = 1.00,
        ["tcp.n3.inline"] = 0.60,
        ["tcp.n5.inline"] = 0.75,
        ["unix.n3.inline"] = 0.55,
        ["unix.n5.inline"] = 0.65,
        ["tcp.n3.sync"] = 0.80,
        ["tcp.n5.sync"] = 0.80,
        ["unix.n3.sync"] = 0.80,
        ["unix.n5.sync"] = 0.80,
    };

    public static async Task RunAsync(Report report, bool quick)
    {
        await using Servers servers = await Servers.StartAsync(5);
        using ConversingProcess spinners = ConversingProcess.Start("spin");
        report.Note(
            $"Rows named `cycle.awake.*`: each core was kept awake by a thread of another process with {await spinners.HearAsync()}. "
            + "All other rows: idle cores slept.");
        foreach (string transport in new[] { "tcp", "unix" })
        {
            foreach (int nodes in new[] { 1, 3, 5 })
            {
                report.Progress($"cycle.awake.{transport}.n{nodes}");
                await MeasureAsync(report, servers.Endpoints(transport, nodes), $"{transport}.n{nodes}", quick);
            }
        }
    }

    private static async Task MeasureAsync(Report report, string[] endpoints, string name, bool quick)
    {
        await using RedlockFactory factory = RedlockFactory.Create(endpoints);
        await factory.WaitUntilConnectedAsync();
        using Floor floor = new(endpoints, "floor-cycle-name", MutexOptions.NonBlocking.Expiry);
        (string Name, Action<double[]> Run)[] variants = [.. CycleRounds.Waited(factory, floor), CycleRounds.Posted(factory)];
        CycleRounds rounds = CycleRounds.Run(variants, quick ? 4 : 10, quick ? 6 : 30);
        report.Add($"cycle.awake.{name}.floor.p50_us", rounds.FloorMicroseconds);
        for (int variant = 1; variant < variants.Length; variant++)
        {
            string full = $"{name}.{variants[variant].Name}";
            Goal? goal = _goals.TryGetValue(full, out double bound) ? Goal.Most(bound) : null;
            report.Add($"cycle.awake.{full}.p50_ratio", rounds.MedianRatio(variant), goal);
        }
    }
}
