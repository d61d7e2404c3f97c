using System.Diagnostics;
using System.Globalization;

namespace Redlock.Fast.Bench;

/// <summary>
/// Cycles a second against what the server can do at all, against one node, and against StackExchange.Redis, interleaved.
/// </summary>
internal static class ThroughputSection
{
    public static async Task RunAsync(Report report, bool quick)
    {
        await using Servers servers = await Servers.StartAsync(5);
        await using RedlockFactory one = RedlockFactory.Create(servers.Endpoints("tcp", 1));
        await using RedlockFactory five = RedlockFactory.Create(servers.Endpoints("tcp", 5));
        await using StackExchangeClient peer = await StackExchangeClient.ConnectAsync(servers[0].Endpoint);
        ClientLoad peer64 = new(peer, 64);
        ClientLoad peer256 = new(peer, 256);
        await one.WaitUntilConnectedAsync();
        await five.WaitUntilConnectedAsync();
        await Load.RunAsync(one, 256, 100_000);
        await Load.RunAsync(five, 64, 20_000);
        await peer256.RunAsync(10_000);

        List<double> vsLimit = [], perNode = [], vsPeer = [], cpuVsPeer = [], cyclesPerSecond = [];
        for (int round = 0; round < (quick ? 3 : 9); round++)
        {
            double limit = await LimitAsync(servers[0].Port);
            (double c256, double cpu256) = await RateAsync(() => Load.RunAsync(one, 256, 150_000));
            (double c64, _) = await RateAsync(() => Load.RunAsync(one, 64, 80_000));
            (double five64, _) = await RateAsync(() => Load.RunAsync(five, 64, 30_000));
            double peerRate64 = (await peer64.RunAsync(10_000)).CyclesPerSecond;
            double peerCpu256 = (await peer256.RunAsync(10_000)).ProcessorTime / 1_000_000;
            vsLimit.Add(c256 / limit);
            perNode.Add(five64 * 5 / c64);
            vsPeer.Add(c64 / peerRate64);
            cpuVsPeer.Add(cpu256 / peerCpu256);
            cyclesPerSecond.Add(c256);
        }

        report.Add("throughput.tcp.n1.c256.cycles_per_second", Statistics.Median(cyclesPerSecond));
        report.Add("throughput.tcp.n1.c256.vs_limit", Statistics.Median(vsLimit), Goal.Least(0.90));
        report.Add("throughput.tcp.n5.c64.per_node_vs_n1", Statistics.Median(perNode), Goal.Least(0.9));
        report.Add("throughput.tcp.n1.c64.vs_stackexchange", Statistics.Median(vsPeer), Goal.Least(5));
        report.Add("cpu.tcp.n1.c256.vs_stackexchange", Statistics.Median(cpuVsPeer), Goal.Most(0.15));
        await SweepAsync(report, one, five, quick);
    }

    /// <summary>Throughput against concurrency, for the chart.</summary>
    private static async Task SweepAsync(Report report, RedlockFactory one, RedlockFactory five, bool quick)
    {
        string folder = Path.Combine(report.Folder, "data");
        Directory.CreateDirectory(folder);
        using StreamWriter data = new(Path.Combine(folder, "throughput.txt"));
        for (int inFlight = 1; inFlight <= 512; inFlight *= quick ? 4 : 2)
        {
            int cycles = Math.Min(100_000, inFlight * (quick ? 500 : 2000));
            (double oneNode, _) = await RateAsync(() => Load.RunAsync(one, inFlight, cycles));
            (double fiveNodes, _) = await RateAsync(() => Load.RunAsync(five, inFlight, cycles / 4));
            data.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{inFlight} {oneNode:0} {fiveNodes:0}"));
        }
    }

    /// <summary>Cycles a second if the server did nothing but execute the two commands, fed by its own benchmark.</summary>
    private static async Task<double> LimitAsync(int port)
    {
        const string owner = "AAAAAAAAAAAAAAAAAAAAAA==";
        double set = await RequestsPerSecondAsync(port, "SET", "limit-__rand_int__", owner, "NX", "PX", "8000");
        double release = await RequestsPerSecondAsync(
            port, "EVALSHA", RedlockScripts.Release.Sha1, "2", "limit-__rand_int__", "{limit-__rand_int__}:waiting", owner);
        return 1 / ((1 / set) + (1 / release));
    }

    private static async Task<double> RequestsPerSecondAsync(int port, params string[] command)
    {
        string output = await ChildProcess.RunProgramAsync(
            "redis-benchmark",
            ["-p", port.ToString(CultureInfo.InvariantCulture), "-P", "64", "-n", "200000", "-r", "100000", "--csv", .. command]);
        string last = output.TrimEnd().Split('\n')[^1];
        return double.Parse(last.Split("\",\"")[1], CultureInfo.InvariantCulture);
    }

    private static async Task<(double CyclesPerSecond, double CpuPerCycle)> RateAsync(Func<Task<double>> load)
    {
        using Process self = Process.GetCurrentProcess();
        TimeSpan cpu = self.TotalProcessorTime;
        long start = Stopwatch.GetTimestamp();
        double cycles = await load();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        self.Refresh();
        return (cycles / seconds, (self.TotalProcessorTime - cpu).TotalSeconds / cycles);
    }
}
