using System.Diagnostics;
using System.Globalization;

namespace Redlock.Fast.Bench;

/// <summary>From the start of a release to the acquisition of who waited, against a cold cycle of the floor, interleaved.</summary>
internal static class HandoffSection
{
    private static readonly Dictionary<int, (double Process, double Succession)> _goals = new()
    {
        [1] = (2.0, 0.9),
        [3] = (2.0, 0.8),
        [5] = (2.5, 1.0),
    };

    public static async Task RunAsync(Report report, bool quick)
    {
        await using Servers servers = await Servers.StartAsync(5);
        string folder = Path.Combine(report.Folder, "data");
        Directory.CreateDirectory(folder);
        await using StreamWriter data = new(Path.Combine(folder, "handoff.txt"));
        foreach (int nodes in _goals.Keys)
        {
            string[] endpoints = servers.Endpoints("tcp", nodes);
            report.Progress($"handoff.tcp.n{nodes}");
            (double succession, double process) = await Task.Run(() => MeasureAsync(report, endpoints, nodes, quick));
            (double distributedLock, double redlockNet) = await CompareAsync(report, endpoints, nodes, quick);
            data.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"N={nodes} {succession / 1000:0.0000} {process / 1000:0.0000} {distributedLock:0.0000} {redlockNet:0.0000}"));
            await CrashAsync(report, endpoints, nodes, quick);
        }
    }

    /// <returns>The medians, in microseconds.</returns>
    private static async Task<(double Succession, double Process)> MeasureAsync(Report report, string[] endpoints, int nodes, bool quick)
    {
        const string name = "handed-name-of16";
        await using RedlockFactory factory = RedlockFactory.Create(endpoints);
        await factory.WaitUntilConnectedAsync(nodes);
        RedlockMutex shared = factory.CreateMutex(name, MutexOptions.Blocking);
        RedlockMutex own = factory.CreateMutex("succe-name-of-16", MutexOptions.Blocking);
        using Floor floor = new(endpoints, "floor-cycle-name", MutexOptions.Blocking.Expiry);
        using ConversingProcess waiter = ConversingProcess.Start(["locker", name, .. endpoints]);
        await waiter.HearAsync();

        List<double> cold = [], process = [], succession = [];
        int warmUpRounds = quick ? 50 : 200;
        for (int round = -warmUpRounds; round < (quick ? 150 : 1500); round++)
        {
            double coldCycle = floor.CycleAfter(HandoffPause.Next());
            double toProcess = await ToProcessAsync(shared, waiter);
            double toSuccessor = await ToSuccessorAsync(own);
            if (round >= 0)
            {
                cold.Add(coldCycle);
                process.Add(toProcess);
                succession.Add(toSuccessor);
            }
        }

        string full = $"handoff.tcp.n{nodes}";
        (double processGoal, double successionGoal) = _goals[nodes];
        report.Add($"{full}.floor.p50_us", Microseconds(cold, 50));
        report.Add($"{full}.floor.p99_us", Microseconds(cold, 99));
        report.Add($"{full}.process.p50_us", Microseconds(process, 50));
        report.Add($"{full}.process.p50_ratio", Ratio(process, cold, 50), Goal.Most(processGoal));
        report.Add($"{full}.process.p99_ratio", Ratio(process, cold, 99), Goal.Most(3));
        report.Add($"{full}.succession.p50_us", Microseconds(succession, 50));
        report.Add($"{full}.succession.p50_ratio", Ratio(succession, cold, 50), Goal.Most(successionGoal));
        return (Microseconds(succession, 50), Microseconds(process, 50));
    }

    /// <returns>The peers' medians, in milliseconds.</returns>
    private static async Task<(double DistributedLock, double RedlockNet)> CompareAsync(
        Report report, string[] endpoints, int nodes, bool quick)
    {
        string full = $"handoff.tcp.n{nodes}";
        report.Progress($"{full}: peers");
        int rounds = quick ? 2 : 12;
        double own = await CompareAsync(OwnClient.ConnectAsync, endpoints, names: 1, rounds * 50);
        double distributedLock = await CompareAsync(DistributedLockClient.ConnectAsync, endpoints, names: 8, rounds);
        double redlockNet = await CompareAsync(RedLockNetClient.ConnectAsync, endpoints, names: 8, rounds);
        report.Add($"{full}.instances.p50_ms", own);
        report.Add($"{full}.distributedlock.p50_ms", distributedLock);
        report.Add($"{full}.redlocknet.p50_ms", redlockNet);
        report.Add($"{full}.vs_distributedlock", own / distributedLock, Goal.Most(1 / 300.0));
        report.Add($"{full}.vs_redlocknet", own / redlockNet, Goal.Most(1 / 300.0));
        return (distributedLock, redlockNet);
    }

    private static async Task<double> CompareAsync<T>(Func<string[], Task<T>> connect, string[] endpoints, int names, int rounds)
        where T : LockClient, IWaitingClient
    {
        await using T holder = await connect(endpoints);
        await using T waiter = await connect(endpoints);
        return Statistics.Median(await ClientHandoff.MeasureAsync(holder, waiter, names, rounds));
    }

    private static async Task CrashAsync(Report report, string[] endpoints, int nodes, bool quick)
    {
        string full = $"handoff.crash.n{nodes}";
        report.Progress(full);
        await using RedlockFactory factory = RedlockFactory.Create(endpoints);
        await factory.WaitUntilConnectedAsync(nodes);
        RedlockMutex mutex = factory.CreateMutex("crash-name-of-16", MutexOptions.Blocking);
        List<double> milliseconds = [];
        for (int round = -1; round < (quick ? 4 : 12); round++)
        {
            double one = await CrashedHolder.OutliveAsync(endpoints, mutex);
            if (round >= 0)
            {
                milliseconds.Add(one);
            }
        }

        report.Add($"{full}.p50_ms", Statistics.Median(milliseconds), Goal.Most(CrashedHolder.Expiry.TotalMilliseconds + 5));
    }

    /// <returns>How long it took to get from this process to another, in ticks of the stopwatch.</returns>
    private static async Task<long> ToProcessAsync(RedlockMutex mutex, ConversingProcess waiter)
    {
        LockHandle held = await mutex.LockAsync();
        waiter.Tell("take");
        Thread.Sleep(HandoffPause.Next());
        long start = Stopwatch.GetTimestamp();
        await held.DisposeAsync();
        return long.Parse(await waiter.HearAsync(), CultureInfo.InvariantCulture) - start;
    }

    /// <returns>How long it took to get from one caller of this process to another, in ticks of the stopwatch.</returns>
    private static async Task<long> ToSuccessorAsync(RedlockMutex mutex)
    {
        LockHandle held = await mutex.LockAsync();
        Task<long> successor = TakeAsync(mutex);
        Thread.Sleep(HandoffPause.Next());
        long start = Stopwatch.GetTimestamp();
        await held.DisposeAsync();
        return await successor - start;
    }

    private static async Task<long> TakeAsync(RedlockMutex mutex)
    {
        LockHandle held = await mutex.LockAsync();
        long heldAt = Stopwatch.GetTimestamp();
        await held.DisposeAsync();
        return heldAt;
    }

    private static double Microseconds(List<double> ticks, double percent) =>
        Statistics.Percentile([.. ticks], percent) * 1_000_000 / Stopwatch.Frequency;

    private static double Ratio(List<double> values, List<double> floor, double percent) =>
        Statistics.Percentile([.. values], percent) / Statistics.Percentile([.. floor], percent);
}
