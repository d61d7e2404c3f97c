using System.Diagnostics.Metrics;

namespace Redlock.Fast.Allocation;

/// <summary>Hears every figure and every lock, and allocates nothing for it.</summary>
internal sealed class Listening : LockObserver, IDisposable
{
    private readonly MeterListener _listener = new();
    private long _heard;

    public Listening()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name is RedlockTelemetry.MeterName or RedlockTelemetry.NodeMeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, _, _, _) => Interlocked.Increment(ref _heard));
        _listener.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref _heard));
        _listener.Start();
    }

    public override bool IsEnabled => true;

    public override void OnTried(string name, in LockResult result) => Interlocked.Increment(ref _heard);

    public override void OnReleased(string name, UnlockStatus status) => Interlocked.Increment(ref _heard);

    public void Dispose()
    {
        _listener.Dispose();
        if (_heard == 0)
        {
            throw new InvalidOperationException("Nothing was heard, so nothing was measured.");
        }
    }
}
