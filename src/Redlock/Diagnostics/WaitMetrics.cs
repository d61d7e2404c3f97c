using System.Diagnostics.Metrics;

namespace Redlock.Fast;

/// <summary>What the callers who wait in line measure, all factories of the process together.</summary>
internal sealed class WaitMetrics
{
    private const string EndTag = "redlock.wait.end";
    private const string CauseTag = "redlock.cause";
    private const string StatusTag = "redlock.status";

    private static readonly WakeCause[] _causes = Enum.GetValues<WakeCause>();

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _wakes;
    private readonly Counter<long> _successions;
    private readonly Counter<long> _splits;
    private long _waiters;

    public WaitMetrics(Meter meter, InstrumentAdvice<double> seconds)
    {
        meter.CreateObservableUpDownCounter(
            "redlock.waiters", () => Volatile.Read(ref _waiters), "{caller}", "Callers that wait for a lock.");
        _duration = meter.CreateHistogram<double>(
            "redlock.wait.duration",
            "s",
            "From standing in line to the outcome, of calls that waited, by how the wait ended.",
            tags: null,
            seconds);
        _wakes = meter.CreateCounter<long>(
            "redlock.wait.wakes", "{wake}", "What made callers that waited ask the nodes again, by its cause.");
        _successions = meter.CreateCounter<long>(
            "redlock.successions", "{succession}", "Releases that were to hand the lock to the next in line, by whether they did.");
        _splits = meter.CreateCounter<long>(
            "redlock.wait.splits", "{attempt}", "Attempts of callers that waited, which took some nodes and met other owners on the rest.");
    }

    /// <summary>Whether anybody wants to know how long waits are.</summary>
    public bool IsTimed => _duration.Enabled;

    public void NoteJoined() => Interlocked.Increment(ref _waiters);

    public void NoteLeft() => Interlocked.Decrement(ref _waiters);

    public void Tell(in WaitTally wait, WaitEnd end, QuorumClock clock)
    {
        // Of a wait that began before anybody listened nobody knows since when it was.
        if (wait.SinceTicks != 0 && IsTimed)
        {
            TimeSpan duration = clock.Time.GetElapsedTime(wait.SinceTicks, clock.NowTicks);
            LockMetrics.Record(_duration, duration, new KeyValuePair<string, object?>(EndTag, Enum.GetName(end)));
        }

        if (_wakes.Enabled)
        {
            foreach (WakeCause cause in _causes)
            {
                LockMetrics.Count(_wakes, wait.Wakes(cause), new KeyValuePair<string, object?>(CauseTag, Enum.GetName(cause)));
            }
        }

        if (_successions.Enabled)
        {
            LockMetrics.Count(_successions, wait.SuccessionsUndone, new KeyValuePair<string, object?>(StatusTag, "Undone"));
            LockMetrics.Count(_successions, end == WaitEnd.Succession ? 1 : 0, new KeyValuePair<string, object?>(StatusTag, "Taken"));
        }

        LockMetrics.Count(_splits, wait.Splits);
    }
}
