namespace Redlock.Fast.Allocation;

/// <summary>What happens to the cycles that are measured.</summary>
internal enum Situation
{
    /// <summary>Lock and unlock, every time with success.</summary>
    Success = 0,

    /// <summary>The same through handles, with an extension in each cycle.</summary>
    Extended,

    /// <summary>The same while somebody listens to every figure.</summary>
    Measured,

    /// <summary>The same with blocking calls.</summary>
    Synchronous,

    /// <summary>Handles whose release is posted, by awaited calls.</summary>
    Posted,

    /// <summary>The same by blocking calls.</summary>
    PostedSynchronous,

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

    /// <summary>Fenced locks through handles, with an extension in each cycle.</summary>
    Fenced,

    /// <summary>The same with blocking calls.</summary>
    FencedSynchronous,

    /// <summary>Fenced locks of a name whose counter on one node rises all the while, so that nodes hardly agree.</summary>
    FencedRaised,

    /// <summary>Handles, with an extension in each cycle, on servers that run no scripts for the client.</summary>
    Scriptless,

    /// <summary>Another owner holds the only name, and all stand in line for it until their tries are used up.</summary>
    WaitingInLine,

    /// <summary>The same until their time is over.</summary>
    WaitingTimedOut,

    /// <summary>Two factories take one name in turn: each is woken by what the other one releases.</summary>
    WaitingWoken,

    /// <summary>All take one name in turn, each from its predecessor.</summary>
    WaitingSucceeded,

    /// <summary>The same with fenced locks.</summary>
    WaitingFenced,
}

/// <summary>One configuration to measure.</summary>
/// <param name="Nodes">How many redis-server processes.</param>
/// <param name="InFlight">How many cycles run at once, each on a name of its own, or all on one if they wait.</param>
/// <param name="Situation">What happens to them.</param>
/// <param name="Cycles">How many cycles are counted.</param>
internal sealed record Scenario(int Nodes, int InFlight, Situation Situation, int Cycles)
{
    public string Name => IsWaiting(Situation)
        ? $"alloc.waiting.{Words}.n{Nodes}.c{InFlight}.bytes"
        : $"alloc.n{Nodes}.c{InFlight}.{Words}.bytes";

    private string Words => Situation switch
    {
        Situation.Success => "success",
        Situation.Extended => "extended",
        Situation.Measured => "measured",
        Situation.Synchronous => "synchronous",
        Situation.Posted => "posted",
        Situation.PostedSynchronous => "posted_synchronous",
        Situation.Contended => "contended",
        Situation.TimedOut => "timed_out",
        Situation.OwnOutcomes => "own_outcomes",
        Situation.Renewed => "renewed",
        Situation.OneNodeDead => "one_node_dead",
        Situation.Fenced or Situation.WaitingFenced => "fenced",
        Situation.FencedSynchronous => "fenced_synchronous",
        Situation.FencedRaised => "fenced_raised",
        Situation.Scriptless => "scriptless",
        Situation.WaitingInLine => "contended_in_line",
        Situation.WaitingTimedOut => "timed_out",
        Situation.WaitingWoken => "woken",
        Situation.WaitingSucceeded => "succeeded",
        _ => "one_node_stalled",
    };

    /// <summary>A few, for a first look.</summary>
    public static IEnumerable<Scenario> Brief { get; } =
    [
        new(3, 1, Situation.Success, 10_000),
        new(3, 16, Situation.Contended, 10_000),
        new(3, 16, Situation.OneNodeStalled, 10_000),
        .. Waiting(nodes: 3, inFlight: 16, cycles: 2_000),
    ];

    /// <summary>The ones the test suite runs: every situation, and the promise of the README in full length.</summary>
    public static IEnumerable<Scenario> Quick { get; } =
    [
        new(3, 1, Situation.Success, 100_000),
        new(3, 256, Situation.Success, 100_000),
        new(3, 16, Situation.Extended, 50_000),
        new(3, 16, Situation.Measured, 50_000),
        new(3, 1, Situation.Synchronous, 10_000),
        new(1, 1, Situation.Posted, 10_000),
        new(3, 1, Situation.Posted, 10_000),
        new(1, 1, Situation.PostedSynchronous, 10_000),
        new(3, 1, Situation.PostedSynchronous, 10_000),
        new(3, 1, Situation.OwnOutcomes, 10_000),
        new(3, 16, Situation.Contended, 50_000),
        new(3, 16, Situation.TimedOut, 2_000),
        new(3, 16, Situation.OneNodeStalled, 50_000),
        new(3, 16, Situation.OneNodeDead, 50_000),
        new(3, 16, Situation.Renewed, 50_000),
        new(1, 1, Situation.Fenced, 10_000),
        new(3, 16, Situation.Fenced, 50_000),
        new(3, 1, Situation.FencedSynchronous, 10_000),
        new(3, 1, Situation.FencedRaised, 10_000),
        new(3, 16, Situation.Scriptless, 50_000),
        .. Waiting(nodes: 3, inFlight: 16, cycles: 10_000),
    ];

    /// <summary>All combinations.</summary>
    public static IEnumerable<Scenario> Full { get; } =
    [
        .. from nodes in new[] { 1, 3, 5 }
           from inFlight in new[] { 1, 256 }
           from situation in Enum.GetValues<Situation>()
           where nodes > 1 || situation is not (Situation.OneNodeStalled or Situation.OneNodeDead or Situation.FencedRaised)

           // Each blocking call has a thread of the pool to itself, and so many threads are another experiment.
           where inFlight == 1 || situation is not (Situation.Synchronous or Situation.PostedSynchronous or Situation.OwnOutcomes
               or Situation.FencedSynchronous or Situation.FencedRaised)
           where !IsWaiting(situation) && situation != Situation.Scriptless
           select new Scenario(nodes, inFlight, situation, situation == Situation.TimedOut ? 2_000 : inFlight == 1 ? 20_000 : 100_000),
        .. Waiting(nodes: 1, inFlight: 16, cycles: 20_000),
        .. Waiting(nodes: 3, inFlight: 16, cycles: 20_000),
        .. Waiting(nodes: 5, inFlight: 64, cycles: 20_000),
    ];

    /// <summary>Whether its locks are fenced.</summary>
    public static bool IsFenced(Situation situation) =>
        situation is Situation.Fenced or Situation.FencedSynchronous or Situation.FencedRaised or Situation.WaitingFenced;

    /// <summary>Whether all in it want the same name.</summary>
    public static bool IsWaiting(Situation situation) => situation >= Situation.WaitingInLine;

    // Those that get nothing are as slow as what they wait. Two factories are woken by each other only while one caller of each is there.
    private static IEnumerable<Scenario> Waiting(int nodes, int inFlight, int cycles) =>
    [
        new(nodes, inFlight, Situation.WaitingInLine, cycles / 10),
        new(nodes, inFlight, Situation.WaitingTimedOut, cycles / 10),
        new(nodes, 2, Situation.WaitingWoken, cycles),
        new(nodes, inFlight, Situation.WaitingSucceeded, cycles),
        new(nodes, inFlight, Situation.WaitingFenced, cycles),
    ];
}
