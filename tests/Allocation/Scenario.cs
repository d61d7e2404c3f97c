namespace Redlock.Fast.Allocation;

/// <summary>What happens to the cycles that are measured.</summary>
internal enum Situation
{
    /// <summary>Lock and unlock, every time with success.</summary>
    Success = 0,

    /// <summary>The same through handles, with an extension in each cycle.</summary>
    Extended,

    /// <summary>The same with blocking calls.</summary>
    Synchronous,

    /// <summary>Another owner holds every name.</summary>
    Contended,

    /// <summary>The nodes stop and go on, again and again, for longer than the time limit.</summary>
    TimedOut,

    /// <summary>One node has stopped for good.</summary>
    OneNodeStalled,

    /// <summary>One node is gone, and its next dial is far away: a dial allocates, a cycle meanwhile does not.</summary>
    OneNodeDead,

    /// <summary>Lock, extension and unlock by awaited and by blocking calls in turn, each with room for its own outcomes.</summary>
    OwnOutcomes,

    /// <summary>Every lock is kept alive, and some are held and renewed again and again meanwhile.</summary>
    Renewed,
}

/// <summary>One configuration to measure.</summary>
/// <param name="Nodes">How many redis-server processes.</param>
/// <param name="InFlight">How many cycles run at once, each on a name of its own.</param>
/// <param name="Situation">What happens to them.</param>
/// <param name="Cycles">How many cycles are counted.</param>
internal sealed record Scenario(int Nodes, int InFlight, Situation Situation, int Cycles)
{
    public string Name => $"alloc.n{Nodes}.c{InFlight}.{Situation switch
    {
        Situation.Success => "success",
        Situation.Extended => "extended",
        Situation.Synchronous => "synchronous",
        Situation.Contended => "contended",
        Situation.TimedOut => "timed_out",
        Situation.OwnOutcomes => "own_outcomes",
        Situation.Renewed => "renewed",
        Situation.OneNodeDead => "one_node_dead",
        _ => "one_node_stalled",
    }}.bytes";

    /// <summary>A few, for a first look.</summary>
    public static IEnumerable<Scenario> Brief { get; } =
    [
        new(3, 1, Situation.Success, 10_000),
        new(3, 16, Situation.Contended, 10_000),
        new(3, 16, Situation.OneNodeStalled, 10_000),
    ];

    /// <summary>The ones the test suite runs: every situation, and the promise of the README in full length.</summary>
    public static IEnumerable<Scenario> Quick { get; } =
    [
        new(3, 1, Situation.Success, 100_000),
        new(3, 256, Situation.Success, 100_000),
        new(3, 16, Situation.Extended, 50_000),
        new(3, 1, Situation.Synchronous, 50_000),
        new(3, 1, Situation.OwnOutcomes, 50_000),
        new(3, 16, Situation.Contended, 50_000),
        new(3, 16, Situation.TimedOut, 2_000),
        new(3, 16, Situation.OneNodeStalled, 50_000),
        new(3, 16, Situation.OneNodeDead, 50_000),
        new(3, 16, Situation.Renewed, 50_000),
    ];

    /// <summary>All combinations.</summary>
    public static IEnumerable<Scenario> Full { get; } =
    [
        .. from nodes in new[] { 1, 3, 5 }
           from inFlight in new[] { 1, 256 }
           from situation in Enum.GetValues<Situation>()
           where nodes > 1 || situation is not (Situation.OneNodeStalled or Situation.OneNodeDead)

           // Each blocking call has a thread of the pool to itself, and so many threads are another experiment.
           where inFlight == 1 || situation is not (Situation.Synchronous or Situation.OwnOutcomes)
           select new Scenario(nodes, inFlight, situation, situation == Situation.TimedOut ? 2_000 : inFlight == 1 ? 20_000 : 100_000),
    ];
}
