using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>
/// Decides whether a renewed lock that was lost could have been renewed: so many nodes had its key and were to be reached as decide.
/// </summary>
/// <param name="quorum">Of twice as many nodes less one.</param>
/// <param name="done">All that was done to them.</param>
internal sealed class RenewalChances(int quorum, DoneToNodes done)
{
    /// <summary>That of the locks which the steady callers renew.</summary>
    public static readonly TimeSpan Expiry = TimeSpan.FromSeconds(5);

    /// <summary>From one renewal to the next, while they succeed.</summary>
    public static readonly TimeSpan Period = Expiry / 3;

    // A dial comes at most 0.3 s after one that has failed, and takes milliseconds; a busy machine takes longer.
    private static readonly TimeSpan _timeToComeBack = TimeSpan.FromSeconds(1);

    // A renewal that is not answered is followed by another after 0.5 s, and one of the two falls into this and is answered.
    private static readonly TimeSpan _shortestChance = TimeSpan.FromSeconds(1);

    // How long nodes may take to take a lock.
    private static readonly TimeSpan _timeToTake = TimeSpan.FromSeconds(0.25);

    // A node that is away for no longer is asked again before the key expires that was renewed a whole period before it went.
    private static readonly TimeSpan _longestHarmlessAbsence = Expiry - (2 * Period) - _timeToComeBack;

    /// <summary>The longest time before the loss in which the lock was to be renewed, could have been, and was not.</summary>
    /// <returns>Nothing if there was none: the lock had to be lost.</returns>
    public Stretch? FindMissed(SteadyEvent loss)
    {
        bool isOfAll = loss.Node == SteadyEvent.AllNodes;
        List<(long Ticks, int Step)> steps = [];
        int lacking = 0;
        foreach (int node in isOfAll ? Enumerable.Range(0, (2 * quorum) - 1) : [loss.Node])
        {
            List<Stretch> absences = Absences(node);
            long lacksFrom = LacksTheKeyFrom(node, absences, loss);
            lacking += lacksFrom < loss.EndTicks ? 1 : 0;
            foreach (Stretch absence in absences.Where(absence => absence.StartTicks < lacksFrom))
            {
                steps.Add((absence.StartTicks, 1));
                steps.Add((Math.Min(absence.EndTicks, lacksFrom), -1));
            }

            steps.Add((lacksFrom, 1));
        }

        int decisive = isOfAll ? quorum : 1;
        if (lacking >= decisive)
        {
            return null;
        }

        // The last renewal that succeeded began a whole expiry before the end, and the next one was not due for a period.
        Stretch longest = LongestBelow(decisive, steps, Math.Max(loss.StartTicks, loss.EndTicks - Ticks(Expiry - Period)), loss.EndTicks);
        return longest.Length < _shortestChance ? null : longest;
    }

    private static Stretch LongestBelow(int decisive, List<(long Ticks, int Step)> steps, long start, long end)
    {
        steps.Add((end, 0));
        steps.Sort();
        Stretch longest = default;
        long from = start;
        int missing = 0;
        foreach ((long ticks, int step) in steps)
        {
            long until = Math.Clamp(ticks, start, end);
            Stretch one = new(from, until);
            if (missing < decisive && one.Length > longest.Length)
            {
                longest = one;
            }

            // While it is enough, a node more or less ends nothing.
            bool goesOn = missing < decisive && missing + step < decisive;
            from = goesOn ? from : until;
            missing += step;
        }

        return longest;
    }

    /// <summary>
    /// From when on a node lacks the key: it forgot it, never had it, or let it expire. That an extension may have set it
    /// again is not counted on: nothing here says when.
    /// </summary>
    /// <returns>The largest number if it has the key.</returns>
    private long LacksTheKeyFrom(int node, List<Stretch> absences, SteadyEvent loss)
    {
        long from = long.MaxValue;
        foreach (DataLoss lost in done.Losses.Where(lost => lost.Node == node && lost.BackFromTicks > loss.StartTicks))
        {
            from = Math.Min(from, Math.Max(lost.DeadByTicks, loss.StartTicks));
        }

        // What a fault only makes possible counts if the node has said that it is so.
        // A lock of one node is renewed as soon as that is back.
        if (loss.Node != SteadyEvent.AllNodes || (loss.WithoutKey & (1u << node)) == 0)
        {
            return from;
        }

        from = (loss.NotTakenOn & (1u << node)) != 0 ? loss.StartTicks : from;
        foreach (Stretch absence in absences.Where(absence => absence.EndTicks > loss.StartTicks - Ticks(_timeToTake)))
        {
            if (absence.StartTicks < loss.StartTicks + Ticks(_timeToTake))
            {
                from = Math.Min(from, loss.StartTicks);
            }
            else if (absence.Length - _timeToComeBack > _longestHarmlessAbsence)
            {
                from = Math.Min(from, absence.StartTicks + Ticks(Expiry - Period));
            }
        }

        return from;
    }

    /// <summary>When a node was not to be reached, in order and apart.</summary>
    private List<Stretch> Absences(int node)
    {
        // A node without scripts is given them with the request that wants one, and to hear it is needed by who waits alone.
        IEnumerable<Stretch> disturbed = done.Disturbances
            .Where(disturbance => disturbance.Node == node && disturbance.Kind is not (FaultKind.FlushScripts or FaultKind.KillSubscribers))
            .Select(disturbance => new Stretch(disturbance.StartTicks, disturbance.EndTicks + Ticks(_timeToComeBack)));

        // Who does not run reaches nobody, and has to catch up behind it.
        IEnumerable<Stretch> stalled = done.Stalls.Select(stall =>
            new Stretch(stall.StartTicks, stall.EndTicks + Math.Min(Ticks(_timeToComeBack), stall.EndTicks - stall.StartTicks)));
        List<Stretch> absences = [];
        foreach (Stretch absence in disturbed.Concat(stalled).OrderBy(absence => absence.StartTicks))
        {
            if (absences is [.., { } last] && absence.StartTicks <= last.EndTicks)
            {
                absences[^1] = last with { EndTicks = Math.Max(last.EndTicks, absence.EndTicks) };
            }
            else
            {
                absences.Add(absence);
            }
        }

        return absences;
    }

    private static long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * MonotonicTime.Shared.TimestampFrequency);
}
