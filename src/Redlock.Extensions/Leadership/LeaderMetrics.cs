using System.Diagnostics.Metrics;

namespace Redlock.Fast.Extensions;

/// <summary>What is counted of leaders.</summary>
internal static class LeaderMetrics
{
    private const string Election = "redlock.leader.election";

    private static readonly Meter _meter = new(RedlockExtensionsTelemetry.MeterName);

    private static readonly UpDownCounter<int> _leading = _meter.CreateUpDownCounter<int>(
        "redlock.leader.leading", "{leader}", "Whether this instance leads: 1 or 0 an election.");

    private static readonly Counter<long> _terms = _meter.CreateCounter<long>(
        "redlock.leader.terms", "{term}", "Terms for which this instance led, when they end, by how.");

    public static void NoteBegin(string name) => _leading.Add(1, Tag(name));

    public static void NoteEnd(string name, LeadershipChange reason)
    {
        _leading.Add(-1, Tag(name));
        _terms.Add(1, Tag(name), new KeyValuePair<string, object?>("redlock.leader.end", Word(reason)));
    }

    private static KeyValuePair<string, object?> Tag(string name) => new(Election, name);

    private static string Word(LeadershipChange reason) => reason switch
    {
        LeadershipChange.Resigned => "resigned",
        LeadershipChange.Failed => "failed",
        LeadershipChange.Stopped => "stopped",
        _ => "lost",
    };
}
