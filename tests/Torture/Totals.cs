using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>What all clients did, in figures.</summary>
internal sealed class Totals(IReadOnlyList<History> histories)
{
    public long this[CallEnd end] => histories.Sum(life => life.Ends.GetValueOrDefault(end));

    public override string ToString() =>
        $"{this[CallEnd.Acquired]} acquired, {this[CallEnd.Contended]} contended, {this[CallEnd.Unavailable]} unavailable, "
        + $"{this[CallEnd.Cancelled]} cancelled, {this[CallEnd.Extended]} extended, {this[CallEnd.Lost]} told that they were lost";

    /// <summary>How those ended that waited, and how long those took that were given the name.</summary>
    public string DescribeWaits()
    {
        List<Wait> waits = [.. histories.SelectMany(life => life.Waits)];
        List<TimeSpan> taken = [.. waits
            .Where(wait => wait.End == CallEnd.Acquired)
            .Select(wait => MonotonicTime.Shared.GetElapsedTime(wait.StartTicks, wait.EndTicks))
            .Order()];
        string times = taken.Count == 0
            ? ""
            : $" (half of them within {Milliseconds(taken, 0.5)} ms, 99 % within {Milliseconds(taken, 0.99)} ms)";
        return $"{waits.Count}: {taken.Count} acquired{times}, {Count(waits, CallEnd.Contended)} contended, "
            + $"{Count(waits, CallEnd.Unavailable)} unavailable, {Count(waits, CallEnd.Cancelled)} cancelled, {Count(waits, null)} killed; "
            + $"at least {histories.Sum(life => life.HandedOn)} names handed on by succession";
    }

    private static int Count(List<Wait> waits, CallEnd? end) => waits.Count(wait => wait.End == end);

    private static string Milliseconds(List<TimeSpan> ordered, double share) =>
        ordered[(int)(share * (ordered.Count - 1))].TotalMilliseconds.ToString("0", System.Globalization.CultureInfo.InvariantCulture);
}
