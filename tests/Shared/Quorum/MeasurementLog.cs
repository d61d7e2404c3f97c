using System.Diagnostics.Metrics;

namespace Redlock.Fast.SharedTests;

/// <summary>What one meter measures on behalf of the test that made this, and of no other test that runs meanwhile.</summary>
internal sealed class MeasurementLog : IDisposable
{
    private static readonly AsyncLocal<MeasurementLog?> _current = new();

    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly List<(string Instrument, double Value, string Tags)> _all = [];
    private readonly string? _onlyTagged;

    /// <summary>Listens.</summary>
    /// <param name="meter">The meter's name.</param>
    /// <param name="onlyTagged">The value of a tag that tells this test's figures, or the <c>host:port</c> of a node; without one they must
    /// come from its own flow of control.</param>
    public MeasurementLog(string meter, string? onlyTagged = null)
    {
        _onlyTagged = onlyTagged is not null && onlyTagged.LastIndexOf(':') is > 0 and int colon
            ? $"={onlyTagged[..colon]} server.port={onlyTagged[(colon + 1)..]}"
            : onlyTagged;
        _current.Value = this;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The values of one instrument with their tags.</summary>
    public IReadOnlyList<(double Value, string Tags)> Of(string instrument)
    {
        lock (_gate)
        {
            return [.. _all.Where(entry => entry.Instrument == instrument).Select(entry => (entry.Value, entry.Tags))];
        }
    }

    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string text = string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
        if (_onlyTagged is null ? _current.Value != this : !text.Contains(_onlyTagged, StringComparison.Ordinal))
        {
            return;
        }

        lock (_gate)
        {
            _all.Add((instrument.Name, value, text));
        }
    }
}
