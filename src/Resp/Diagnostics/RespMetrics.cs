using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Redlock.Fast.Resp;

/// <summary>
/// What the nodes of this process measure: the meter <c>Redlock.Fast.Resp</c>, each figure tagged with <c>server.address</c> and
/// <c>server.port</c>.
/// </summary>
/// <remarks>
/// Nothing is measured, and no clock is read for it, while nobody listens. A listener that throws ends neither a connection nor a caller's
/// lock: it is counted as a handler that failed.
/// </remarks>
internal static class RespMetrics
{
    public const string MeterName = "Redlock.Fast.Resp";
    private const string FailureTag = "error.type";

    // What the conventions call an error whose kind is not known.
    private const string OtherError = "_OTHER";

    private static readonly Meter _meter = new(MeterName, typeof(RespMetrics).Assembly.GetName().Version?.ToString(3));

    // What OpenTelemetry's conventions ask for, so that one page shows all databases.
    private static readonly InstrumentAdvice<double> _secondsByConvention = new()
    {
        HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    };

    // From 0.1 ms, a node beside the caller, to 10 s, beyond any time limit; a listener's own default begins at 5 s.
    private static readonly InstrumentAdvice<double> _seconds = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private static readonly Gate _gate = new();
    private static readonly Dictionary<object, (string Name, Func<(int Pending, int Connected)> State)> _nodes = [];
    private static readonly ConcurrentDictionary<string, ServerTags> _servers = new(StringComparer.Ordinal);

    static RespMetrics()
    {
        _meter.CreateObservableUpDownCounter(
            "resp.requests.pending",
            static () => Observe(static state => state.Pending),
            "{request}",
            "Requests that were taken and are not answered yet.");
        _meter.CreateObservableUpDownCounter(
            "resp.nodes.connected",
            static () => Observe(static state => state.Connected),
            "{node}",
            "Nodes that are connected; 0 for one that is away.");
    }

    private static Histogram<double> RoundTrip { get; } = _meter.CreateHistogram<double>(
        "resp.round_trip.duration",
        "s",
        "From a request being taken to its reply being read, its wait to be sent included.",
        tags: null,
        _seconds);

    private static Histogram<double> Operations { get; } = _meter.CreateHistogram<double>(
        "db.client.operation.duration", "s", "Duration of database client operations.", tags: null, _secondsByConvention);

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
    /// <param name="state">Counts the requests that wait, and says whether it is connected: 1 or 0.</param>
    public static void Add(object node, string name, Func<(int Pending, int Connected)> state)
    {
        using (_gate.Enter())
        {
            _nodes.Add(node, (name, state));
            _servers.TryAdd(name, new ServerTags(name));
        }
    }

    public static void Remove(object node)
    {
        using (_gate.Enter())
        {
            if (!_nodes.Remove(node, out (string Name, Func<(int Pending, int Connected)> State) gone))
            {
                return;
            }

            _servers.TryRemove(gone.Name, out _);
            foreach ((string name, _) in _nodes.Values)
            {
                _servers.TryAdd(name, new ServerTags(name));
            }
        }
    }

    /// <summary>Whether anybody wants to know how long requests take.</summary>
    public static bool AreTimed => RoundTrip.Enabled || Operations.Enabled;

    /// <summary>A request was answered.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="duration">How long that took.</param>
    /// <param name="request">Which.</param>
    /// <param name="reply">The answer.</param>
    public static void RecordReply(string node, TimeSpan duration, in ReplySlot request, in RespReply reply)
    {
        Record(RoundTrip, node, duration, TagsOf(node));

        // Who has been told that no answer came, is measured by that.
        if (Operations.Enabled && !request.IsTold)
        {
            bool isError = reply.Type == RespType.Error;
            RecordOperation(node, duration, request.Command, isError ? ErrorCode.Of(reply) : null, isError ? OtherError : null);
        }
    }

    /// <summary>A request that was taken got no answer.</summary>
    /// <param name="node">The node.</param>
    /// <param name="request">Which.</param>
    /// <param name="failure">Why not.</param>
    public static void RecordFailure(NodeContext node, in ReplySlot request, RequestFailure failure)
    {
        CountFailure(node.Name, failure);
        if (Operations.Enabled && request.TakenTicks != 0)
        {
            TimeSpan duration = node.Time.GetElapsedTime(request.TakenTicks);
            RecordOperation(node.Name, duration, request.Command, code: null, Enum.GetName(failure));
        }
    }

    public static void CountFailure(string node, RequestFailure failure) => Count(Failures, node, FailureTag, Enum.GetName(failure));

    public static void CountReconnect(string node) => Count(Reconnects, node);

    public static void CountScriptReload(string node) => Count(ScriptReloads, node);

    public static void CountRenewedLogin(string node) => Count(RenewedLogins, node);

    /// <param name="node">The node's name.</param>
    /// <param name="cause">One of few words: the kind of problem, or the code of the node's error.</param>
    public static void CountFailedLogin(string node, string cause) => Count(FailedLogins, node, FailureTag, cause);

    public static void CountFailedHandler(string node, Exception thrown) =>
        Count(FailedHandlers, node, FailureTag, thrown.GetType().FullName);

    private static TagList TagsOf(string node) =>
        (_servers.TryGetValue(node, out ServerTags? server) ? server : new ServerTags(node)).ToList();

    // As the conventions for database clients have it: what is not known is left out.
    private static void RecordOperation(string node, TimeSpan duration, string? command, string? code, string? error)
    {
        TagList tags = TagsOf(node);
        tags.Add("db.system.name", "redis");
        if (command is not null)
        {
            tags.Add("db.operation.name", command);
        }

        if (code is not null)
        {
            tags.Add("db.response.status_code", code);
        }

        if (error is not null)
        {
            tags.Add(FailureTag, code ?? error);
        }

        Record(Operations, node, duration, tags);
    }

    private static void Record(Histogram<double> histogram, string node, TimeSpan duration, in TagList tags)
    {
        try
        {
            histogram.Record(duration.TotalSeconds, tags);
        }
        catch (Exception thrown)
        {
            CountFailedHandler(node, thrown);
        }
    }

    private static void Count(Counter<long> counter, string node, string? tag = null, string? value = null)
    {
        if (!counter.Enabled)
        {
            return;
        }

        try
        {
            TagList tags = TagsOf(node);
            if (tag is not null)
            {
                tags.Add(tag, value);
            }

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

    private static List<Measurement<long>> Observe(Func<(int Pending, int Connected), int> figure)
    {
        // Several factories may lead to one server, and one series may have one point only.
        Dictionary<string, long> sums = new(StringComparer.Ordinal);
        using (_gate.Enter())
        {
            foreach ((string name, Func<(int Pending, int Connected)> state) in _nodes.Values)
            {
                sums[name] = sums.GetValueOrDefault(name) + figure(state());
            }
        }

        List<Measurement<long>> measured = [];
        foreach ((string name, long sum) in sums)
        {
            measured.Add(new Measurement<long>(sum, TagsOf(name)));
        }

        return measured;
    }
}
