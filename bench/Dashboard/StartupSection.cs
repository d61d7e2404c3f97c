using System.Diagnostics;

namespace Redlock.Fast.Bench;

/// <summary>From the start of a process to its first lock, against a process that only prints a line.</summary>
internal static class StartupSection
{
    public static async Task RunAsync(Report report, bool quick)
    {
        await using Servers servers = await Servers.StartAsync(1);
        List<double> ratios = [];
        for (int round = -1; round < (quick ? 5 : 15); round++)
        {
            double hello = await TimeAsync("hello");
            double locked = await TimeAsync("first-lock", servers[0].Endpoint);
            if (round >= 0)
            {
                ratios.Add(locked / hello);
            }
        }

        report.Add("startup.vs_hello", Statistics.Median(ratios), Goal.Most(1.6));
    }

    private static async Task<double> TimeAsync(params string[] arguments)
    {
        long start = Stopwatch.GetTimestamp();
        await ChildProcess.RunAsync(arguments);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
