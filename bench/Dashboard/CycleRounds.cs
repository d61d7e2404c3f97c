namespace Redlock.Fast.Bench;

/// <summary>Several ways of one cycle, interleaved round by round; the first is the floor of the others.</summary>
internal sealed class CycleRounds
{
    private readonly List<double>[] _medians;
    private readonly List<double>[] _tails;
    private readonly List<double>[] _samples;

    private CycleRounds(int variants)
    {
        _medians = [.. Enumerable.Range(0, variants).Select(_ => new List<double>())];
        _tails = [.. Enumerable.Range(0, variants).Select(_ => new List<double>())];
        _samples = [.. Enumerable.Range(0, variants).Select(_ => new List<double>())];
    }

    /// <summary>Every cycle of each variant, in nanoseconds.</summary>
    public IReadOnlyList<List<double>> Samples => _samples;

    public double FloorMicroseconds => Statistics.Median(_medians[0]) / 1000;

    /// <summary>The ways whose releases are waited for, behind the floor.</summary>
    public static (string Name, Action<double[]> Run)[] Waited(RedlockFactory factory, Floor floor)
    {
        MutexOptions options = MutexOptions.NonBlocking;
        RedlockMutex pooled = factory.CreateMutex("async-cycle-name", options);
        RedlockMutex inline = factory.CreateMutex("inlin-cycle-name", options with { Continuation = ContinuationMode.Inline });
        RedlockMutex synchronous = factory.CreateMutex("synch-cycle-name", options);
        return
        [
            ("floor", samples => Cycle.Floor(floor, samples)),
            ("async", samples => Cycle.Asynchronous(pooled, samples)),
            ("inline", samples => Cycle.Asynchronous(inline, samples)),
            ("sync", samples => Cycle.Synchronous(synchronous, samples)),
        ];
    }

    /// <summary>The way whose releases are posted, on the thread pool.</summary>
    public static (string Name, Action<double[]> Run) Posted(RedlockFactory factory)
    {
        RedlockMutex mutex = factory.CreateMutex("poste-cycle-name", MutexOptions.NonBlocking with { Release = ReleaseMode.Posted });
        return ("posted", samples => Cycle.Posted(mutex, samples));
    }

    public static CycleRounds Run((string Name, Action<double[]> Run)[] variants, int warmUpRounds, int rounds)
    {
        CycleRounds all = new(variants.Length);
        double[] samples = new double[300];
        for (int round = -warmUpRounds; round < rounds; round++)
        {
            for (int variant = 0; variant < variants.Length; variant++)
            {
                variants[variant].Run(samples);
                if (round < 0)
                {
                    continue;
                }

                all._samples[variant].AddRange(samples);
                all._medians[variant].Add(Statistics.Percentile(samples, 50));
                all._tails[variant].Add(Statistics.Percentile(samples, 99));
            }
        }

        return all;
    }

    public double MedianRatio(int variant) => Ratio(_medians[variant], _medians[0]);

    public double TailRatio(int variant) => Ratio(_tails[variant], _tails[0]);

    private static double Ratio(List<double> values, List<double> floor) =>
        Statistics.Median(values.Zip(floor, (value, lowest) => value / lowest));
}
