using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>All that was done to the nodes of a run, and to who calls them.</summary>
/// <param name="Disturbances">When each node was not left alone.</param>
/// <param name="Losses">When each node forgot its data.</param>
internal sealed record DoneToNodes(IReadOnlyList<Disturbance> Disturbances, IReadOnlyList<DataLoss> Losses)
{
    /// <summary>When the callers of the nodes did not run.</summary>
    public IReadOnlyList<Stretch> Stalls { get; init; } = [];

    /// <summary>What was done in a stretch of time, a line each in the order of their beginnings, in seconds from a moment.</summary>
    public IEnumerable<string> Describe(long startTicks, long endTicks, long momentTicks)
    {
        IEnumerable<(long Ticks, string Line)> disturbed = Disturbances
            .Where(done => done.StartTicks < endTicks && done.EndTicks > startTicks)
            .Select(done => (done.StartTicks,
                $"node {done.Node}: {done.Kind} from {Seconds(momentTicks, done.StartTicks)} to {Seconds(momentTicks, done.EndTicks)} s"));
        IEnumerable<(long Ticks, string Line)> forgot = Losses
            .Where(lost => lost.DeadByTicks < endTicks && lost.BackFromTicks > startTicks)
            .Select(lost => (lost.DeadByTicks,
                $"node {lost.Node}: forgot its data, dead by {Seconds(momentTicks, lost.DeadByTicks)}, "
                + $"back from {Seconds(momentTicks, lost.BackFromTicks)} s"));
        IEnumerable<(long Ticks, string Line)> stalled = Stalls
            .Where(stall => stall.StartTicks < endTicks && stall.EndTicks > startTicks)
            .Select(stall => (stall.StartTicks,
                $"the callers did not run from {Seconds(momentTicks, stall.StartTicks)} to {Seconds(momentTicks, stall.EndTicks)} s"));
        return disturbed.Concat(forgot).Concat(stalled).OrderBy(done => done.Ticks).Select(done => done.Line);
    }

    /// <summary>With a sign, to the millisecond.</summary>
    public static string Seconds(long fromTicks, long toTicks) => (toTicks >= fromTicks ? "+" : "-")
        + MonotonicTime.Shared.GetElapsedTime(Math.Min(fromTicks, toTicks), Math.Max(fromTicks, toTicks))
            .TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
}
