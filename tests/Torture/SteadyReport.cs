using System.Globalization;

namespace Redlock.Fast.Torture;

/// <summary>What the steady callers have seen.</summary>
/// <param name="Locks">How many locks they took.</param>
/// <param name="Events">What has to be explained.</param>
internal sealed record SteadyReport(long Locks, IReadOnlyList<SteadyEvent> Events)
{
    public static SteadyReport Parse(string output)
    {
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new SteadyReport(long.Parse(lines[^1], CultureInfo.InvariantCulture), Array.ConvertAll(lines[..^1], SteadyEvent.Parse));
    }

    public override string ToString() =>
        $"{Locks} locks, {Events.Count(told => told.Kind == SteadyEventKind.Gap)} gaps, "
            + $"{Events.Count(told => told.Kind == SteadyEventKind.Loss)} renewed locks lost, "
            + $"{Events.Count(told => told.Kind == SteadyEventKind.Stall)} stalls of their process";
}
