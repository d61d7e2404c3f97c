using System.Diagnostics;

namespace Redlock.Fast.SharedTests;

/// <summary>The library's spans below the test that made this, and of no other test that runs meanwhile.</summary>
internal sealed class SpanLog : IDisposable
{
    private readonly ActivitySource _source = new($"test-{Guid.NewGuid()}");
    private readonly ActivityListener _listener;
    private readonly Lock _gate = new();
    private readonly List<Activity> _stopped = [];

    public SpanLog(ActivitySamplingResult sampling = ActivitySamplingResult.AllDataAndRecorded)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RedlockTelemetry.ActivitySourceName || source.Name == _source.Name,
            Sample = (ref _) => sampling,
            ActivityStopped = Note,
        };
        ActivitySource.AddActivityListener(_listener);
        Caller = Assert.IsType<Activity>(_source.StartActivity("caller"));
    }

    /// <summary>What the test calls within.</summary>
    public Activity Caller { get; }

    public IReadOnlyList<Activity> Stopped
    {
        get
        {
            lock (_gate)
            {
                return [.. _stopped];
            }
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        Caller.Dispose();
        _source.Dispose();
    }

    private void Note(Activity activity)
    {
        // Other tests' spans come from the first moment on.
        if (Caller is not null && activity.Source != _source && activity.TraceId == Caller.TraceId)
        {
            lock (_gate)
            {
                _stopped.Add(activity);
            }
        }
    }
}
