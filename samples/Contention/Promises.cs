namespace Redlock.Fast.Contention;

/// <summary>What must have happened.</summary>
internal static class Promises
{
    // Waiters that ask meet a release after half a delay or so, woken ones after some round trips: fifty times sooner on a quiet machine.
    private const int TimesSooner = 3;

    /// <returns>Those that were broken, for people.</returns>
    public static IReadOnlyList<string> Check(IReadOnlyList<Turn> woken, IReadOnlyList<Turn> asking)
    {
        List<string> broken = [];
        int overlaps = HandOvers.Overlaps(woken) + HandOvers.Overlaps(asking);
        if (overlaps > 0)
        {
            broken.Add($"Somebody held the name beside another, {overlaps} times.");
        }

        int turns = Contest.Rounds * Contest.Processes * Contest.WorkersAProcess;
        if (woken.Count != turns || asking.Count != turns)
        {
            broken.Add($"There were {woken.Count} turns with wakes and {asking.Count} without, in place of {turns}.");
        }

        if (HandOvers.Between(woken).Median * TimesSooner > HandOvers.Between(asking).Median)
        {
            broken.Add($"Releases did not wake the other processes: with wakes they were less than {TimesSooner} times as fast.");
        }

        return broken;
    }
}
