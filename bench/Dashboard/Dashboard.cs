using Redlock.Fast.Testing;

namespace Redlock.Fast.Bench;

/// <summary>The table of ratios: starts its own servers, measures each figure within this one run, prints and writes them.</summary>
internal static class Dashboard
{
    /// <summary>Options: <c>--quick</c>, <c>--out FOLDER</c>, <c>--only PREFIX</c>.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        if (!TempRedis.IsAvailable(out string reason))
        {
            Console.Error.WriteLine(reason);
            return 1;
        }

        bool quick = args.Contains("--quick");
        string? only = Option(args, "--only");
        Report report = new(Option(args, "--out") ?? Path.Combine("artifacts", "dashboard"));
        (string Name, Func<Report, bool, Task> Measure)[] sections =
        [
            ("codec", CodecSection.RunAsync),
            ("cycle", LatencySection.RunAsync),
            ("cycle.posted", PostedSection.RunAsync),
            ("cycle.awake", AwakeSection.RunAsync),
            ("handoff", HandoffSection.RunAsync),
            ("herd", HerdSection.RunAsync),
            ("fenced", FencedSection.RunAsync),
            ("dead_node", DeadNodeSection.RunAsync),
            ("throughput", ThroughputSection.RunAsync),
            ("peers", PeerSection.RunAsync),
            ("pipe", PipelinesSection.RunAsync),
            ("goodput", GoodputSection.RunAsync),
            ("frames", CoalescingSection.RunAsync),
            ("abandon", AbandonSection.RunAsync),
            ("starved_pool", StarvedPoolSection.RunAsync),
            ("startup", StartupSection.RunAsync),
            ("memory", MemorySection.RunAsync),
            ("alloc", AllocationSection.RunAsync),
        ];
        foreach ((string name, Func<Report, bool, Task> measure) in sections)
        {
            if (only is null || name.StartsWith(only, StringComparison.Ordinal))
            {
                report.Progress(name);
                await measure(report, quick);
            }
        }

        report.Write();
        Charts.TryDraw(report.Folder, report.Progress);
        return 0;
    }

    private static string? Option(string[] args, string name)
    {
        int at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }
}
