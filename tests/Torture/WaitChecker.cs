using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>Decides whether every wait ended in time, and whether anybody was forgotten.</summary>
/// <remarks>
/// Forgotten is who waits while nobody holds the name and nothing is done to nodes, links and processes, for longer than a key without a
/// holder lasts and the delay after which a waiter asks by itself. Only of the name for which everybody waits this can be said: for the
/// others somebody always asks.
/// </remarks>
internal sealed class WaitChecker(IReadOnlyList<Stretch> unrest)
{
    // Of a timer and of the thread that the caller goes on with, on a busy machine.
    private static readonly TimeSpan _lateness = TimeSpan.FromSeconds(1);

    // A link that was silent is noticed after 1 s, a dial that got stuck after another, and the next comes 0.3 s later.
    private static readonly TimeSpan _timeToComeBack = TimeSpan.FromSeconds(2.5);

    // A delay is up to one and a half of what was asked for.
    private static readonly TimeSpan _longestSilence = HotNames.LineExpiries[^1] + (1.5 * HotNames.LineDelay) + _lateness;

    /// <param name="processes">One for each life of a client process.</param>
    public IEnumerable<string> Check(IReadOnlyList<History> processes)
    {
        foreach (History process in processes)
        {
            foreach (Wait wait in process.Waits)
            {
                TimeSpan late = Stretch.Between(wait.BoundTicks, wait.EndTicks);
                if (late > _lateness + process.Stalled(wait.StartTicks, wait.EndTicks))
                {
                    yield return $"A process had {wait}.";
                }
            }
        }

        List<Wait> waits = [.. processes.SelectMany(process => process.Waits).Where(wait => wait.Name == HotNames.Line)];
        foreach (Stretch free in Free(processes))
        {
            // What stalls one process may leave a key behind that all others meet.
            TimeSpan limit = processes.Aggregate(
                _longestSilence, (sum, process) => sum + process.Stalled(free.StartTicks, free.EndTicks));
            Wait? forgotten = waits.Find(wait => free.Common(wait.StartTicks, wait.EndTicks) > limit);
            if (forgotten is not null)
            {
                TimeSpan waited = free.Common(forgotten.StartTicks, forgotten.EndTicks);
                yield return $"'{HotNames.Line}' was free from {free.StartTicks} ns on, and nothing was done to anybody. Who waited "
                    + $"in vain for {waited.TotalSeconds:0.000} s of that: {forgotten}.";
            }
        }
    }

    /// <summary>When nobody relied on the name, or was about to, and all was quiet.</summary>
    private IEnumerable<Stretch> Free(IReadOnlyList<History> processes)
    {
        long timeToComeBack = (long)(_timeToComeBack.TotalSeconds * MonotonicTime.Shared.TimestampFrequency);
        IEnumerable<Stretch> held = processes.SelectMany(process => process.Claims)
            .Where(claim => claim.Name == HotNames.Line)
            .Select(claim => new Stretch(claim.StartTicks, Math.Max(claim.HandOverTicks, claim.EndTicks)));
        IEnumerable<Stretch> restless = unrest.Select(fault => fault with { EndTicks = fault.EndTicks + timeToComeBack });
        long from = long.MaxValue;
        foreach (Stretch taken in held.Concat(restless).OrderBy(taken => taken.StartTicks))
        {
            if (taken.StartTicks > from)
            {
                yield return new Stretch(from, taken.StartTicks);
            }

            from = from == long.MaxValue ? taken.EndTicks : Math.Max(from, taken.EndTicks);
        }

        // What comes behind the last holder is bounded by the waits themselves.
        yield return new Stretch(from, long.MaxValue);
    }
}
