using System.Diagnostics.Metrics;

namespace Redlock.Fast.Resp;

/// <summary>What the nodes of this process measure: the meter <c>Redlock.Fast.Resp</c>, each figure tagged with <c>server.address</c>.</summary>
/// <remarks>Nothing is measured, and no clock is read for it, while nobody listens.</remarks>
internal static class RespMetrics
{
    public const string MeterName = "Redlock.Fast.Resp";
    private const string AddressTag = "server.address";
    private const string FailureTag = "error.type";

    private static readonly Meter _meter = new(MeterName);
    private static readonly Lock _gate = new();
    private static readonly HashSet<RespNode> _nodes = [];

    static RespMetrics() =>
        _meter.CreateObservableUpDownCounter("resp.requests.pending", ObservePending, "{request}", "Requests that were taken and are not answered yet.");

    public static Histogram<double> RoundTrip { get; } = _meter.CreateHistogram<double>(
        "resp.round_trip.duration", "s", "From a request being taken to its reply being read, its wait to be sent included.");

    private static Counter<long> Failures { get; } = _meter.CreateCounter<long>(
        "resp.requests.failed", "{request}", "Requests that were refused or got no reply.");

    private static Counter<long> Reconnects { get; } = _meter.CreateCounter<long>(
        "resp.reconnects", "{connection}", "Connections made again after a loss.");

    public static void Add(RespNode node)
    {
        lock (_gate)
        {
            _nodes.Add(node);
        }
    }

    public static void Remove(RespNode node)
    {
        lock (_gate)
        {
            _nodes.Remove(node);
        }
    }

    public static void RecordRoundTrip(string node, TimeSpan duration) =>
        RoundTrip.Record(duration.TotalSeconds, new KeyValuePair<string, object?>(AddressTag, node));

    public static void CountFailure(string node, RequestFailure failure)
    {
        if (Failures.Enabled)
        {
            Failures.Add(
                1,
                new KeyValuePair<string, object?>(AddressTag, node),
                new KeyValuePair<string, object?>(FailureTag, Enum.GetName(failure)));
        }
    }

    public static void CountReconnect(string node)
    {
        if (Reconnects.Enabled)
        {
            Reconnects.Add(1, new KeyValuePair<string, object?>(AddressTag, node));
        }
    }

    private static List<Measurement<long>> ObservePending()
    {
        List<Measurement<long>> pending = [];
        lock (_gate)
        {
            foreach (RespNode node in _nodes)
            {
                pending.Add(new Measurement<long>(node.Pending, new KeyValuePair<string, object?>(AddressTag, node.Name)));
            }
        }

        return pending;
    }
}
