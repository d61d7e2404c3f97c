namespace Redlock.Fast.Simulation;

/// <summary>Everything about a run that is decided before it starts. A seed draws one; a shrinking takes parts away.</summary>
internal sealed record SimulationPlan
{
    private const long Millisecond = 1_000_000;

    // Long enough for some tens of cycles, short enough for many seeds: everything heals at 80 % of a run.
    private const int ChaosExpiries = 24;

    // A message that is under way when everything heals, the life of the key that it sets, a lock taken behind it and released twice.
    private const double HealthyExpiries = 6;

    public required ulong Seed { get; init; }

    /// <summary>Whether the shipped connection runs over simulated bytes, in place of a simulated channel.</summary>
    public required bool GoesThroughBytes { get; init; }

    public required int Clients { get; init; }

    public required int Nodes { get; init; }

    public required int Names { get; init; }

    public required int CallersAClient { get; init; }

    public required Fault Faults { get; init; }

    public required TimeSpan Expiry { get; init; }

    public required double Factor { get; init; }

    public required TimeSpan? NodeTimeLimit { get; init; }

    public required int? Quorum { get; init; }

    /// <summary>The usual time of a message, in nanoseconds.</summary>
    public required long Latency { get; init; }

    /// <summary>When everything heals, in nanoseconds from the start.</summary>
    public required long HealAt { get; init; }

    /// <summary>When the run is over but for the probes.</summary>
    public long End => HealAt + (long)(HealthyExpiries * ExpiryNanoseconds);

    public long ExpiryNanoseconds => Expiry.Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>Whether only exclusion is checked, not what it is made of.</summary>
    public bool ExclusionOnly { get; init; }

    public int RequiredVotes => Quorum ?? ((Nodes / 2) + 1);

    /// <summary>Draws the plan of a seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="bytes">Whether it goes through bytes; a third of the seeds do unless something else is said.</param>
    public static SimulationPlan Draw(ulong seed, ByteUse bytes = ByteUse.Drawn)
    {
        SeededRandom random = new SeededRandom(seed).Fork(RandomStream.Plan);
        bool goesThroughBytes = bytes switch
        {
            ByteUse.Always => true,
            ByteUse.Never => false,
            _ => new SeededRandom(seed).Fork(RandomStream.Bytes).Chance(1.0 / 3),
        };
        Fault faults = (Fault)random.NextBits() & (goesThroughBytes ? Fault.Model | Fault.ModelOfBytes : Fault.Model);
        int nodes = random.Pick(1, 3, 3, 3, 4, 5, 5, 7);
        TimeSpan expiry = TimeSpan.FromMilliseconds(random.Pick(60, 100, 250, 1000, 8000));
        double limitShare = random.Pick(0.0, 0.0, 0.1, 0.3, 0.6, 0.9);
        TimeSpan? limit = limitShare == 0 ? null : expiry * limitShare;

        // An eighth of a node's time limit at most, so that a healthy round never times out.
        double expiryMilliseconds = expiry.TotalMilliseconds;
        double usualLimit = Math.Min(Math.Max(50, expiryMilliseconds / 20), (expiryMilliseconds - 4) * 0.45);
        long longestLatency = (long)((limit?.TotalMilliseconds ?? usualLimit) * Millisecond / 8);
        int majority = (nodes / 2) + 1;
        return new SimulationPlan
        {
            Seed = seed,
            GoesThroughBytes = goesThroughBytes,
            Clients = 2 + (int)random.Below(4),
            Nodes = nodes,
            Names = random.Pick(1, 1, 2),
            CallersAClient = random.Pick(1, 1, 2),
            Faults = faults,
            Expiry = expiry,
            Factor = random.Pick(0.01, 0.01, 0.05),
            NodeTimeLimit = limit,
            Quorum = random.Chance(0.15) ? majority + (int)random.Below(nodes - majority + 1) : null,
            Latency = Math.Max(Millisecond / 20, (long)(longestLatency * Math.Pow(random.NextDouble(), 2))),
            HealAt = (long)(expiry.TotalMilliseconds * Millisecond) * ChaosExpiries,
            IsFenced = random.Chance(0.5),
        };
    }

    /// <summary>Whether locks have fencing tokens.</summary>
    public required bool IsFenced { get; init; }

    public bool Has(Fault fault) => (Faults & fault) != 0;
}

/// <summary>Which runs go through bytes.</summary>
internal enum ByteUse
{
    /// <summary>Each seed draws.</summary>
    Drawn = 0,
    Always,
    Never,
}
