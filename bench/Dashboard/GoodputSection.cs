using System.Globalization;

namespace Redlock.Fast.Bench;

/// <summary>Locks a second over a long way while more lockers want them than fit: they must not become fewer.</summary>
internal static class GoodputSection
{
    // Where the search for what fits starts and ends: twice as many lockers are tried as long as they bring this much more.
    private const int FewestLockers = 256;
    private const int MostLockers = 8192;
    private const double WorthDoubling = 1.25;

    private const int MostSecondsToSettle = 12;

    // In what fits, which comes first: the others are compared with it.
    private static readonly double[] _loads = [1, 0.25, 0.5, 2, 4];
    private static readonly double[] _quickLoads = [1, 4];

    public static async Task RunAsync(Report report, bool quick)
    {
        await MeasureAsync(report, quick, nodes: 1, milliseconds: 20);
        await MeasureAsync(report, quick, nodes: 1, milliseconds: 100);
        await MeasureAsync(report, quick, nodes: 3, milliseconds: 100);
        await KeptLocksAsync(report, quick);
    }

    private static async Task MeasureAsync(Report report, bool quick, int nodes, int milliseconds)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"goodput.rtt{milliseconds}.n{nodes}");
        TimeSpan roundTrip = TimeSpan.FromMilliseconds(milliseconds);
        await using Servers servers = await Servers.StartAsync(nodes);
        using LongWay way = new(servers, nodes, roundTrip);
        OfferedLoad fitting = await LoadAsync(way, FewestLockers, quick);
        while (fitting.Lockers < MostLockers)
        {
            OfferedLoad more = await LoadAsync(way, fitting.Lockers * 2, quick);
            if (more.Goodput < fitting.Goodput * WorthDoubling)
            {
                break;
            }

            fitting = more;
        }

        report.Add($"{name}.lockers_that_fit", fitting.Lockers);
        double[] loads = quick ? _quickLoads : _loads;
        OfferedLoad[][] rounds = new OfferedLoad[quick ? 1 : 3][];
        for (int round = 0; round < rounds.Length; round++)
        {
            rounds[round] = new OfferedLoad[loads.Length];
            for (int load = 0; load < loads.Length; load++)
            {
                rounds[round][load] = await LoadAsync(way, (int)(fitting.Lockers * loads[load]), quick);
            }
        }

        for (int load = 0; load < loads.Length; load++)
        {
            string figure = string.Create(CultureInfo.InvariantCulture, $"{name}.x{loads[load]}");
            report.Add($"{figure}.locks_per_second", Statistics.Median(rounds.Select(round => round[load].Goodput)));
            if (loads[load] > 1)
            {
                report.Add(
                    $"{figure}_vs_x1", Statistics.Median(rounds.Select(round => round[load].Goodput / round[0].Goodput)), Goal.Least(0.9));
            }
        }

        double most = nodes * ProxyCapacity.BytesPerSecond(roundTrip, TimeSpan.FromSeconds(quick ? 1 : 3));
        report.Add($"{name}.way_vs_load", most / rounds.Max(round => round.Max(load => load.BytesPerSecond)), Goal.Least(5));
    }

    private static async Task<OfferedLoad> LoadAsync(LongWay way, int count, bool quick)
    {
        await using RedlockFactory factory = await way.ConnectAsync();
        Lockers lockers = new(factory, count);
        await SettleAsync(lockers, quick);
        TimeSpan duration = TimeSpan.FromSeconds(quick ? 1.5 : 4);
        long before = way.PassedBytes;
        Lockers.Rate rate = await lockers.MeasureAsync(duration);
        double bytes = (way.PassedBytes - before) / duration.TotalSeconds;
        await lockers.StopAsync();
        return new OfferedLoad(count, rate.Locks, bytes);
    }

    /// <summary>Waits while more and more lockers find their way: on a busy machine that takes seconds.</summary>
    private static async Task SettleAsync(Lockers lockers, bool quick)
    {
        double most = 0;
        for (int second = 1; ; second++)
        {
            double locks = (await lockers.MeasureAsync(TimeSpan.FromSeconds(1))).Locks;
            if (second >= (quick ? 2 : 4) && (locks <= most * 1.1 || second == MostSecondsToSettle))
            {
                return;
            }

            most = Math.Max(most, locks);
        }
    }

    /// <summary>Locks that are renewed must not be lost to those that others want anew.</summary>
    private static async Task KeptLocksAsync(Report report, bool quick)
    {
        TimeSpan roundTrip = TimeSpan.FromMilliseconds(40);
        await using Servers servers = await Servers.StartAsync(1);
        using LongWay way = new(servers, 1, roundTrip);
        await using RedlockFactory factory = await way.ConnectAsync();
        MutexOptions options = MutexOptions.Blocking with
        {
            Expiry = TimeSpan.FromSeconds(2),
            Renew = RenewOptions.Every(1 / 3d, Timeout.InfiniteTimeSpan),
        };
        List<CancellationToken> kept = [];
        for (int number = 0; number < 20; number++)
        {
            kept.Add((await factory.CreateMutex($"kept-{number}", options).LockAsync()).Lost);
        }

        Lockers lockers = new(factory, 2000);
        Lockers.Rate rate = await lockers.MeasureAsync(TimeSpan.FromSeconds(quick ? 6 : 20));
        int lost = kept.Count(token => token.IsCancellationRequested);
        await lockers.StopAsync();
        report.Add("goodput.rtt40.n1.beside_kept_locks.locks_per_second", rate.Locks);
        report.Add("goodput.rtt40.n1.kept_locks_lost", lost, Goal.Most(0));
    }

    private readonly record struct OfferedLoad(int Lockers, double Goodput, double BytesPerSecond);
}
