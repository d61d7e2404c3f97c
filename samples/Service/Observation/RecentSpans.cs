using System.Collections.Concurrent;
using System.Diagnostics;
using OpenTelemetry;

namespace Redlock.Fast.Service;

/// <summary>Keeps the latest spans of locks for the page, as an exporter would send them on.</summary>
internal sealed class RecentSpans : BaseProcessor<Activity>
{
    private const int Most = 60;

    private readonly ConcurrentQueue<SpanView> _spans = new();

    public IEnumerable<SpanView> All => _spans;

    public override void OnEnd(Activity data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Source.Name != RedlockTelemetry.ActivitySourceName)
        {
            return;
        }

        _spans.Enqueue(new SpanView(data.TraceId.ToHexString(), data.DisplayName, data.Duration.TotalMilliseconds));
        while (_spans.Count > Most)
        {
            _spans.TryDequeue(out _);
        }
    }
}

/// <summary>One span: of which trace, what it is, and how long it took.</summary>
internal sealed record SpanView(string Trace, string Name, double Milliseconds);
