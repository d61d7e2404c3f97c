using System.Diagnostics.Metrics;

namespace Redlock.Fast.Resp;

/// <summary>
/// What the nodes of this process measure: the meter <c>Redlock.Fast.Resp</c>, each figure tagged with <c>server.address</c>.
/// </summary>
/// <remarks>
/// Nothing is measured, and no clock is read for it, while nobody listens. The address is the node's name as in every message, port
/// included: nodes that share a host are told apart by one tag. A listener that throws ends neither a connection nor a caller's lock: it is
/// counted as a handler that failed.
/// </remarks>
internal static class RespMetrics
{
    public const string MeterName = "Redlock.Fast.Resp";
    private const string AddressTag = "server.address";
    private const string FailureTag = "error.type";

    private static readonly Meter _meter = new(MeterName, typeof(RespMetrics).Assembly.GetName().Version?.ToString(3));

    // From 0.1 ms, a node beside the caller, to 10 s, beyond any time limit; a listener's own default begins at 5 s.
    private static readonly InstrumentAdvice<double> _seconds = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private static readonly Gate _gate = new();
    private static readonly Dictionary<object, (string Name, Func<int> Pending)> _nodes = [];

    static RespMetrics() =>
        _meter.CreateObservableUpDownCounter(
            "resp.requests.pending", ObservePending, "{request}", "Requests that were taken and are not answered yet.");

    public static Histogram<double> RoundTrip { get; } = _meter.CreateHistogram<double>(
        "resp.round_trip.duration",
        "s",
        "From a request being taken to its reply being read, its wait to be sent included.",
        tags: null,
        _seconds);

    private static Counter<long> Failures { get; } = _meter.CreateCounter<long>(
        "resp.requests.failed", "{request}", "Requests that were refused or got no reply.");

    private static Counter<long> Reconnects { get; } = _meter.CreateCounter<long>(
        "resp.reconnects", "{connection}", "Connections made again after a loss.");

    private static Counter<long> ScriptReloads { get; } = _meter.CreateCounter<long>(
        "resp.scripts.reloaded", "{request}", "Requests sent again with their script's text, which the node had forgotten.");

    private static Counter<long> RenewedLogins { get; } = _meter.CreateCounter<long>(
        "resp.logins.renewed", "{login}", "Logins with credentials that expire which were renewed on a connection.");

    private static Counter<long> FailedLogins { get; } = _meter.CreateCounter<long>(
        "resp.logins.failed",
        "{login}",
        "Calls for credentials that gave none, and renewals of a login that the node refused or did not answer, by cause.");

    private static Counter<long> FailedHandlers { get; } = _meter.CreateCounter<long>(
        "resp.handlers.failed",
        "{call}",
        "Handlers of a node's events, and listeners to its figures, that threw, by the exception's type.");

    /// <param name="node">What <see cref="Remove"/> is given.</param>
    /// <param name="name">The tag of its figures.</param>
    /// <param name="pending">Counts the requests that wait.</param>
    public static void Add(object node, string name, Func<int> pending)
    {
        using (_gate.Enter())
        {
            _nodes.Add(node, (name, pending));
        }
    }

    public static void Remove(object node)
    {
        using (_gate.Enter())
        {
            _nodes.Remove(node);
        }
    }

    public static void RecordRoundTrip(string node, TimeSpan duration)
    {
        try
        {
            RoundTrip.Record(duration.TotalSeconds, new KeyValuePair<string, object?>(AddressTag, node));
        }
        catch (Exception thrown)
        {
            CountFailedHandler(node, thrown);
        }
    }

    public static void CountFailure(string node, RequestFailure failure) =>
        Count(Failures, node, new(AddressTag, node), new(FailureTag, Enum.GetName(failure)));

    public static void CountReconnect(string node) => Count(Reconnects, node, new KeyValuePair<string, object?>(AddressTag, node));

    public static void CountScriptReload(string node) => Count(ScriptReloads, node, new KeyValuePair<string, object?>(AddressTag, node));

    public static void CountRenewedLogin(string node) => Count(RenewedLogins, node, new KeyValuePair<string, object?>(AddressTag, node));

    /// <param name="node">The node's name.</param>
    /// <param name="cause">One of few words: the kind of problem, or the code of the node's error.</param>
    public static void CountFailedLogin(string node, string cause) =>
        Count(FailedLogins, node, new(AddressTag, node), new(FailureTag, cause));

    public static void CountFailedHandler(string node, Exception thrown) =>
        Count(FailedHandlers, node, new(AddressTag, node), new(FailureTag, thrown.GetType().FullName));

    private static void Count(Counter<long> counter, string node, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!counter.Enabled)
        {
            return;
        }

        try
        {
            counter.Add(1, tags);
        }
        catch (Exception thrown)
        {
            // Unless the one who would be told is the one who fails.
            if (counter != FailedHandlers)
            {
                CountFailedHandler(node, thrown);
            }
        }
    }

    private static List<Measurement<long>> ObservePending()
    {
        // Several factories may lead to one server, and one series may have one point only.
        Dictionary<string, long> sums = new(StringComparer.Ordinal);
        using (_gate.Enter())
        {
            foreach ((string name, Func<int> count) in _nodes.Values)
            {
                sums[name] = sums.GetValueOrDefault(name) + count();
            }
        }

        List<Measurement<long>> pending = [];
        foreach ((string name, long sum) in sums)
        {
            pending.Add(new Measurement<long>(sum, new KeyValuePair<string, object?>(AddressTag, name)));
        }

        return pending;
    }
}
