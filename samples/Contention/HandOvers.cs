namespace Redlock.Fast.Contention;

/// <summary>How long the name was nobody's although somebody waited for it: from a release to the next holder.</summary>
internal sealed class HandOvers
{
    private readonly List<TimeSpan> _ordered;

    private HandOvers(IEnumerable<TimeSpan> times) => _ordered = [.. times.Order()];

    public int Count => _ordered.Count;

    public TimeSpan Median => Share(0.5);

    public TimeSpan Percentile99 => Share(0.99);

    /// <summary>Those to a waiter of the same process.</summary>
    public static HandOvers Within(IReadOnlyList<Turn> turns) =>
        new(Pairs(turns).Where(pair => pair.From.Worker.Process == pair.To.Worker.Process).Select(Time));

    /// <summary>Those to a waiter of another process.</summary>
    public static HandOvers Between(IReadOnlyList<Turn> turns) =>
        new(Pairs(turns).Where(pair => pair.From.Worker.Process != pair.To.Worker.Process).Select(Time));

    /// <summary>How often somebody held the name who was not alone with it.</summary>
    public static int Overlaps(IReadOnlyList<Turn> turns) => turns.Zip(turns.Skip(1)).Count(pair => pair.Second.Held < pair.First.Released);

    // The last holder of a round hands it to nobody.
    private static IEnumerable<(Turn From, Turn To)> Pairs(IReadOnlyList<Turn> turns) =>
        turns.Zip(turns.Skip(1)).Where(pair => pair.First.Round == pair.Second.Round);

    private static TimeSpan Time((Turn From, Turn To) pair) => pair.To.Held - pair.From.Released;

    // The nearest rank.
    private TimeSpan Share(double share) =>
        Count == 0 ? TimeSpan.Zero : _ordered[Math.Clamp((int)Math.Ceiling(share * Count) - 1, 0, Count - 1)];
}
