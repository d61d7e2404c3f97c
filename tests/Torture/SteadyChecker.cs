using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>Decides whether what was done to the nodes explains what the steady callers had to do without.</summary>
internal sealed class SteadyChecker
{
    /// <summary>That of the locks which the steady callers renew.</summary>
    public static readonly TimeSpan KeptExpiry = TimeSpan.FromSeconds(5);

    // A dial takes milliseconds, and up to 1.3 s when the last one failed just before; this much is in vain only if nobody dials.
    private static readonly TimeSpan _longestHealthyGap = TimeSpan.FromSeconds(10);

    // A renewal is due after a third of the expiry, and is tried again until the end.
    private static readonly TimeSpan _timeToRenew = KeptExpiry / 2;

    private static readonly TimeSpan _timeToComeBack = TimeSpan.FromSeconds(2);

    private readonly int _quorum;
    private readonly IReadOnlyList<Disturbance> _disturbances;
    private readonly IReadOnlyList<DataLoss> _losses;

    public SteadyChecker(int quorum, IReadOnlyList<Disturbance> disturbances, IReadOnlyList<DataLoss> losses)
    {
        _quorum = quorum;
        _disturbances = disturbances;
        _losses = losses;
    }

    public IEnumerable<string> Check(SteadyReport report)
    {
        foreach (SteadyEvent told in report.Events)
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
            else if (!IsLossExplained(told))
            {
                yield return $"A renewed lock of {who} was lost at {told.EndTicks} ns, taken at {told.StartTicks}, and nothing was "
                    + "done to explain it.";
            }
        }
    }

    /// <summary>How long in a stretch of time nothing was being done: to the node, or to so many that no quorum was left alone.</summary>
    private TimeSpan Healthy(int node, long start, long end)
    {
        List<(long Ticks, int Step)> steps = [(end, 0)];
        foreach (Disturbance disturbance in _disturbances)
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

    private bool IsLossExplained(SteadyEvent loss)
    {
        long expiry = Ticks(KeptExpiry);
        return NodesWithoutTheKey(loss) >= (loss.Node == SteadyEvent.AllNodes ? _quorum : 1)
            || Healthy(loss.Node, loss.EndTicks - expiry, loss.EndTicks) < _timeToRenew;
    }

    /// <summary>How many nodes forgot the key, or may never have had it: an extension finds keys and makes none.</summary>
    private int NodesWithoutTheKey(SteadyEvent loss)
    {
        long around = Ticks(_timeToComeBack);
        IEnumerable<int> forgot = _losses
            .Where(lost => lost.BackFromTicks > loss.StartTicks && lost.DeadByTicks < loss.EndTicks)
            .Select(lost => lost.Node);
        IEnumerable<int> away = _disturbances
            .Where(disturbance => loss.Node == SteadyEvent.AllNodes
                && disturbance.StartTicks < loss.StartTicks + around
                && disturbance.EndTicks > loss.StartTicks - around)
            .Select(disturbance => disturbance.Node);
        return forgot.Concat(away).Distinct().Count(node => loss.Node == SteadyEvent.AllNodes || node == loss.Node);
    }

    private static long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * MonotonicTime.Shared.TimestampFrequency);
}
