using System.Diagnostics.Metrics;

namespace Redlock.Fast;

/// <summary>
/// What the locks of this process measure: the meter <c>Redlock.Fast</c>. Names of locks are no tags: there are too many.
/// </summary>
/// <remarks>
/// Nothing is measured, and no clock is read for it, while nobody listens. A listener that throws takes no lock from its caller: it is
/// counted as a handler that failed.
/// </remarks>
internal static class LockMetrics
{
    private const string StatusTag = "redlock.status";
    private const string ReasonTag = "redlock.reason";

    private static readonly Meter _meter = new(RedlockTelemetry.MeterName, RedlockTelemetry.Version);

    // From 0.1 ms, a quorum beside the caller, to 10 s, beyond the usual expiry; a listener's own default begins at 5 s.
    private static readonly InstrumentAdvice<double> _seconds = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    /// <summary>What callers measure that wait.</summary>
    public static WaitMetrics Waits { get; } = new(_meter, _seconds);

    /// <summary>What is held now.</summary>
    public static HoldingMetrics Holding { get; } = new(_meter);

    public static Histogram<double> AcquireDuration { get; } = _meter.CreateHistogram<double>(
        "redlock.acquire.duration", "s", "From the call to its outcome, all tries and waits included, by status.", tags: null, _seconds);

    public static Histogram<double> HoldDuration { get; } = _meter.CreateHistogram<double>(
        "redlock.hold.duration",
        "s",
        "From the acquisition (or the last extension by hand) to the start of the release.",
        tags: null,
        _seconds);

    public static Histogram<double> RemainingAtRelease { get; } = _meter.CreateHistogram<double>(
        "redlock.release.remaining",
        "s",
        "The validity that was left when the release began; zero if the lock had run out.",
        tags: null,
        _seconds);

    private static Counter<long> Contended { get; } = _meter.CreateCounter<long>(
        "redlock.attempts.contended", "{attempt}", "Attempts that met another live owner.");

    private static Counter<long> Unavailable { get; } = _meter.CreateCounter<long>(
        "redlock.attempts.unavailable", "{attempt}", "Attempts in which too few nodes answered in time.");

    private static Counter<long> Raises { get; } = _meter.CreateCounter<long>(
        "redlock.fencing.raises", "{round}", "Second rounds of fenced acquisitions, whose nodes gave different numbers.");

    private static Counter<long> Lost { get; } = _meter.CreateCounter<long>(
        "redlock.locks.lost", "{lock}", "Locks that were kept alive or watched and lost, by reason.");

    private static Counter<long> Outlasted { get; } = _meter.CreateCounter<long>(
        "redlock.locks.outlasted", "{lock}", "Locks whose release began after their deadline, and whose loss nobody had been told of.");

    private static Counter<long> Unknown { get; } = _meter.CreateCounter<long>(
        "redlock.releases.unknown", "{release}", "Releases in time that no quorum confirmed or denied, of disposed handles too.");

    private static Counter<long> Doubts { get; } = _meter.CreateCounter<long>(
        "redlock.nodes.doubted", "{server}", "Servers whose votes were not believed when they were met, by node and reason.");

    private static Counter<long> Healed { get; } = _meter.CreateCounter<long>(
        "redlock.healed", "{key}", "Keys of held locks that were set again on nodes that had lost them, by node.");

    private static Counter<long> FailedHandlers { get; } = _meter.CreateCounter<long>(
        "redlock.handlers.failed",
        "{call}",
        "Handlers of a factory's events, and listeners to its figures and spans, that threw, by the exception's type.");

    public static bool CountsLosses => Lost.Enabled;

    public static bool CountsHealed => Healed.Enabled;

    /// <summary>Whether anybody listens to what the end of a release tells.</summary>
    public static bool MeasuresReleases =>
        HoldDuration.Enabled || RemainingAtRelease.Enabled || Outlasted.Enabled || Unknown.Enabled;

    public static void RecordAcquire(TimeSpan duration, LockStatus status) =>
        Record(AcquireDuration, duration, new KeyValuePair<string, object?>(StatusTag, Enum.GetName(status)));

    public static void CountFailedAttempts(int contended, int unavailable)
    {
        Count(Contended, contended);
        Count(Unavailable, unavailable);
    }

    public static void CountRaises(int times) => Count(Raises, times);

    public static void CountLoss(LossReason reason) => Count(Lost, 1, new KeyValuePair<string, object?>(ReasonTag, Enum.GetName(reason)));

    public static void CountOutlasted() => Count(Outlasted, 1);

    public static void CountUnknown() => Count(Unknown, 1);

    /// <summary>On the thread pool: the server is met on the thread that reads its replies.</summary>
    public static void CountDoubt(string node, NodeTrouble trouble)
    {
        if (Doubts.Enabled)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static met => Count(
                    Doubts,
                    1,
                    new KeyValuePair<string, object?>("redlock.node", met.Node),
                    new KeyValuePair<string, object?>(ReasonTag, Enum.GetName(met.Trouble))),
                (Node: node, Trouble: trouble),
                preferLocal: false);
        }
    }

    public static void CountHealed(string node, int keys) =>
        Count(Healed, keys, new KeyValuePair<string, object?>("redlock.node", node));

    public static void CountFailedHandler(Exception thrown) =>
        Count(FailedHandlers, 1, new KeyValuePair<string, object?>("error.type", thrown.GetType().FullName));

    public static void Record(Histogram<double> histogram, TimeSpan duration, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        try
        {
            histogram.Record(duration.TotalSeconds, tags);
        }
        catch (Exception thrown)
        {
            CountFailedHandler(thrown);
        }
    }

    public static void Count(Counter<long> counter, int times, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (times == 0 || !counter.Enabled)
        {
            return;
        }

        try
        {
            counter.Add(times, tags);
        }
        catch (Exception thrown)
        {
            // Unless the one who would be told is the one who fails.
            if (counter != FailedHandlers)
            {
                CountFailedHandler(thrown);
            }
        }
    }
}
