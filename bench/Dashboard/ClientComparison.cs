namespace Redlock.Fast.Bench;

/// <summary>Several clients under the same load, interleaved round by round, the first of them the measure of the others.</summary>
internal static class ClientComparison
{
    /// <summary>Measures them, and reports the first one's figures, and the others' against them.</summary>
    /// <param name="report">Where the figures go.</param>
    /// <param name="name">What all their names begin with.</param>
    /// <param name="clients">The clients.</param>
    /// <param name="inFlight">How many cycles at a time.</param>
    /// <param name="quick">Whether a rough figure is enough.</param>
    public static async Task RunAsync(Report report, string name, IReadOnlyList<LockClient> clients, int inFlight, bool quick)
    {
        report.Progress(name);
        int cycles = inFlight == 1 ? 500 : inFlight * 50;
        ClientLoad[] loads = [.. clients.Select(client => new ClientLoad(client, inFlight))];
        List<ClientSample>[] samples = [.. loads.Select(_ => new List<ClientSample>())];
        int warmUpRounds = quick ? 1 : 4;
        for (int round = -warmUpRounds; round < (quick ? 3 : 9); round++)
        {
            for (int load = 0; load < loads.Length; load++)
            {
                ClientSample sample = await loads[load].RunAsync(cycles);
                if (round >= 0)
                {
                    samples[load].Add(sample);
                }
            }
        }

        for (int load = 0; load < loads.Length; load++)
        {
            string full = $"{name}.{clients[load].Name}";
            if (load == 0)
            {
                Add(report, full, samples[load]);
            }
            else
            {
                AddAgainst(report, full, samples[load], samples[0]);
            }

            int failed = samples[load].Sum(sample => sample.Failed);
            if (failed > 0)
            {
                report.Add($"{full}.failed", failed);
            }
        }
    }

    private static void Add(Report report, string name, List<ClientSample> samples)
    {
        report.Add($"{name}.p50_us", Statistics.Median(samples.Select(sample => sample.Latency)));
        report.Add($"{name}.bytes", Statistics.Median(samples.Select(sample => sample.Bytes)));
        report.Add($"{name}.cycles_per_second", Statistics.Median(samples.Select(sample => sample.CyclesPerSecond)));
        report.Add($"{name}.cpu_us", Statistics.Median(samples.Select(sample => sample.ProcessorTime)));
    }

    private static void AddAgainst(Report report, string name, List<ClientSample> samples, List<ClientSample> first)
    {
        report.Add($"{name}.p50_ratio", Ratio(samples, first, sample => sample.Latency));
        report.Add($"{name}.bytes", Statistics.Median(samples.Select(sample => sample.Bytes)));
        report.Add($"{name}.cycles_per_second_ratio", Ratio(samples, first, sample => sample.CyclesPerSecond));
        report.Add($"{name}.cpu_ratio", Ratio(samples, first, sample => sample.ProcessorTime));
    }

    private static double Ratio(List<ClientSample> samples, List<ClientSample> first, Func<ClientSample, double> value) =>
        Statistics.Median(samples.Zip(first, (one, other) => value(one) / value(other)));
}
