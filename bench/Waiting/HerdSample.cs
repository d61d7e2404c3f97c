using System.Globalization;

namespace Redlock.Fast.Bench;

/// <summary>What a herd came to.</summary>
/// <param name="Holds">How often they had the lock in all.</param>
/// <param name="Fewest">How often the one had it who had it least.</param>
/// <param name="Most">How often the one had it who had it most.</param>
/// <param name="LongestWait">The longest that one waited once.</param>
/// <param name="Took">How long it all took.</param>
internal readonly record struct HerdSample(long Holds, long Fewest, long Most, TimeSpan LongestWait, TimeSpan Took)
{
    /// <summary>How often they had it a second.</summary>
    public double HoldsPerSecond => Holds / Took.TotalSeconds;

    /// <summary>As another process tells it.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Holds} {Fewest} {Most} {LongestWait.Ticks} {Took.Ticks}");

    /// <summary>What another process told.</summary>
    public static HerdSample Parse(string text)
    {
        long[] numbers = [.. text.Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture))];
        return new HerdSample(numbers[0], numbers[1], numbers[2], TimeSpan.FromTicks(numbers[3]), TimeSpan.FromTicks(numbers[4]));
    }

    /// <summary>Several that ran at the same time, as one.</summary>
    public static HerdSample Of(IReadOnlyCollection<HerdSample> herds) => new(
        herds.Sum(herd => herd.Holds),
        herds.Min(herd => herd.Fewest),
        herds.Max(herd => herd.Most),
        herds.Max(herd => herd.LongestWait),
        herds.Max(herd => herd.Took));
}
