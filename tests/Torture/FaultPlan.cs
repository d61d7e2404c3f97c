namespace Redlock.Fast.Torture;

/// <summary>What goes wrong when: the same for the same seed, only the machine's own timing differs.</summary>
internal static class FaultPlan
{
    // Two nodes of five are the most that a quorum survives, and now and then both hands and a link take it away.
    private const int NodeHands = 2;

    // The last part of a run is without faults, so that everybody can come back.
    private static readonly TimeSpan _quietEnd = TimeSpan.FromSeconds(6);

    // As long, and now and then: only where nothing is done it can be said that somebody was forgotten.
    private static readonly TimeSpan _firstQuiet = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _quietInterval = TimeSpan.FromSeconds(25);

    private static readonly FaultKind[] _nodeFaults =
    [
        FaultKind.PauseNode, FaultKind.PauseNode, FaultKind.KillNode, FaultKind.RestartNode, FaultKind.FlushScripts, FaultKind.FlushScripts,
        FaultKind.KillConnections, FaultKind.KillConnections, FaultKind.KillSubscribers, FaultKind.KillSubscribers, FaultKind.FillNode,
    ];

    private static readonly FaultKind[] _nodeFaultsFromOutside = [FaultKind.PauseNode, FaultKind.PauseNode, FaultKind.KillNode];

    /// <summary>Each list is worked off one fault after another, all lists side by side.</summary>
    public static IReadOnlyList<IReadOnlyList<Fault>> Make(TortureOptions options)
    {
        TimeSpan end = options.Duration - _quietEnd;
        FaultKind[] nodeFaults = options.Reach == FaultReach.Outside ? _nodeFaultsFromOutside : _nodeFaults;
        List<IReadOnlyList<Fault>> hands = [];
        for (int hand = 0; hand < NodeHands; hand++)
        {
            hands.Add(MakeHand(new Random(options.Seed + hand), end, 300, 2500, (random, start, duration) =>
                new Fault(
                    nodeFaults[random.Next(nodeFaults.Length)],
                    start,
                    duration,
                    random.Next(options.Nodes),
                    Fault.AllClients,
                    LinkCondition.Clear)));
        }

        hands.Add(MakeHand(new Random(options.Seed + 100), end, 300, 2000, (random, start, duration) =>
        {
            int client = random.Next(3) == 0 ? Fault.AllClients : random.Next(options.Processes);
            LinkCondition condition = (LinkCondition)random.Next((int)LinkCondition.Slow, (int)LinkCondition.Deaf + 2);
            condition = Enum.IsDefined(condition) ? condition : LinkCondition.Cut;
            return new Fault(FaultKind.WorsenLink, start, duration, random.Next(options.Nodes), client, condition);
        }));
        hands.Add(MakeHand(new Random(options.Seed + 200), end, 50, 2500, (random, start, duration) =>
            new Fault(
                random.Next(4) == 0 ? FaultKind.KillClient : FaultKind.PauseClient,
                start,
                duration,
                0,
                random.Next(options.Processes),
                LinkCondition.Clear)));
        return hands;
    }

    private static List<Fault> MakeHand(
        Random random, TimeSpan end, int shortest, int longest, Func<Random, TimeSpan, TimeSpan, Fault> make)
    {
        List<Fault> faults = [];
        TimeSpan start = TimeSpan.FromMilliseconds(random.Next(200, 1500));
        while (true)
        {
            TimeSpan duration = TimeSpan.FromMilliseconds(random.Next(shortest, longest));
            if (QuietEnd(start, duration) is { } over)
            {
                start = over + TimeSpan.FromMilliseconds(random.Next(100, 600));
            }

            if (start + duration > end)
            {
                return faults;
            }

            faults.Add(make(random, start, duration));
            start += duration + TimeSpan.FromMilliseconds(random.Next(100, 1200));
        }
    }

    /// <returns>The end of the quiet time that a fault would disturb, if it would.</returns>
    private static TimeSpan? QuietEnd(TimeSpan start, TimeSpan duration)
    {
        TimeSpan quiet = _firstQuiet;
        while (quiet + _quietEnd <= start)
        {
            quiet += _quietInterval;
        }

        return start + duration > quiet ? quiet + _quietEnd : null;
    }
}
