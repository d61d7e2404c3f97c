using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>Decides whether what was done to the nodes explains what the steady callers had to do without.</summary>
internal sealed class SteadyChecker
{
    // A dial takes milliseconds, and up to 1.3 s when the last one failed just before; this much is in vain only if nobody dials.
    private static readonly TimeSpan _longestHealthyGap = TimeSpan.FromSeconds(10);

    // A node that was cut off so long before the taking is back, or somebody wants to know why not.
    private static readonly TimeSpan _worthTellingBefore = TimeSpan.FromSeconds(8);

    private readonly int _quorum;
    private DoneToNodes _done;

    public SteadyChecker(int quorum, DoneToNodes done)
    {
        _quorum = quorum;
        _done = done;
    }

    public IEnumerable<string> Check(SteadyReport report)
    {
        _done = _done with
        {
            Stalls =
            [
                .. from told in report.Events
                   where told.Kind == SteadyEventKind.Stall
                   select new Stretch(told.StartTicks, told.EndTicks),
            ],
        };
        RenewalChances chances = new(_quorum, _done);
        foreach (SteadyEvent told in report.Events.Where(told => told.Kind != SteadyEventKind.Stall))
        {
            string who = told.Node == SteadyEvent.AllNodes ? "a quorum" : $"node {told.Node}";
            if (told.Kind == SteadyEventKind.Gap)
            {
                TimeSpan healthy = Healthy(told.Node, told.StartTicks, told.EndTicks);
                if (healthy > _longestHealthyGap)
                {
                    yield return $"Blocking callers of {who} had no lock from {told.StartTicks} to {told.EndTicks} ns, in "
                        + $"{healthy.TotalSeconds:0.0} s of which it was healthy.";
                }
            }
            else if (chances.FindMissed(told) is { } missed)
            {
                yield return $"A renewed lock of {who} was lost at {told.EndTicks} ns, taken at {told.StartTicks}, and nothing was done to "
                    + $"explain it. In seconds from the taking, it could have been renewed from {Seconds(told, missed.StartTicks)} to "
                    + $"{Seconds(told, missed.EndTicks)}:{Account(told)}";
            }
        }
    }

    /// <summary>How long in a stretch of time nothing was being done: to the node, or to so many that no quorum was left alone.</summary>
    private TimeSpan Healthy(int node, long start, long end)
    {
        List<(long Ticks, int Step)> steps = [(end, 0)];
        foreach (Disturbance disturbance in _done.Disturbances)
        {
            if ((node == SteadyEvent.AllNodes || node == disturbance.Node) && disturbance.StartTicks < end && disturbance.EndTicks > start)
            {
                steps.Add((Math.Max(start, disturbance.StartTicks), 1));
                steps.Add((Math.Min(end, disturbance.EndTicks), -1));
            }
        }

        // One hand at a time is laid on a node, so that so many disturbances are so many nodes.
        int needed = node == SteadyEvent.AllNodes ? _quorum : 1;
        steps.Sort();
        TimeSpan healthy = TimeSpan.Zero;
        long from = start;
        int disturbed = 0;
        foreach ((long ticks, int step) in steps)
        {
            healthy += disturbed < needed ? MonotonicTime.Shared.GetElapsedTime(from, ticks) : TimeSpan.Zero;
            from = ticks;
            disturbed += step;
        }

        return healthy;
    }

    /// <summary>What was done to the nodes around a loss, and what its holder saw of it, a line each.</summary>
    private string Account(SteadyEvent loss)
    {
        IEnumerable<string> done = _done.Describe(loss.StartTicks - Ticks(_worthTellingBefore), loss.EndTicks, loss.StartTicks);
        IEnumerable<string> seen = loss.Seen.Split(RenewalHistory.Separator).Append($"{Seconds(loss, loss.EndTicks)} s: lost");
        return string.Concat(done.Concat(seen).Select(line => $"{Environment.NewLine}    {line}"));
    }

    private static string Seconds(SteadyEvent loss, long ticks) => DoneToNodes.Seconds(loss.StartTicks, ticks);

    private static long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * MonotonicTime.Shared.TimestampFrequency);
}
