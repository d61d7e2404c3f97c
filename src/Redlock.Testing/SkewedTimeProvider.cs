namespace Redlock.Fast.Testing;

/// <summary>A clock that runs faster or slower than another, and whose wall time can be stepped.</summary>
/// <remarks>
/// Thread-safe. Rate and steps can change while it runs; what it has shown before is kept, so a new rate never makes time jump.
/// A timer keeps the rate it was set at.
/// </remarks>
/// <param name="inner">The clock taken as true.</param>
public sealed class SkewedTimeProvider(TimeProvider inner) : TimeProvider
{
    private readonly Lock _gate = new();
    private double _rate = 1;
    private long _innerBase = inner.GetTimestamp();
    private long _shownBase = inner.GetTimestamp();
    private TimeSpan _wallBase;
    private DateTimeOffset? _wallStart;

    /// <summary>Seconds that pass here in one second of the true clock: 1 is true, 2 is twice as fast; above zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rate is zero, negative or not finite.</exception>
    public double Rate
    {
        get
        {
            lock (_gate)
            {
                return _rate;
            }
        }

        set
        {
            if (!double.IsFinite(value) || value <= 0)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "A clock's rate is a finite number above zero; 1 is true.");
            }

            lock (_gate)
            {
                Settle();
                _rate = value;
            }
        }
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => inner.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => inner.LocalTimeZone;

    /// <summary>Steps the wall clock, forward or back, once.</summary>
    /// <param name="by">How far; negative steps back.</param>
    /// <remarks>Timestamps and timers do not notice; Redis' expiry does, for it goes by the wall clock.</remarks>
    public void Step(TimeSpan by)
    {
        lock (_gate)
        {
            Settle();
            _wallBase += by;
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return ShownTimestamp();
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            // Until it is skewed it shows the very wall time of the other clock, and follows that clock's own steps.
            return _wallStart is { } start
                ? start + _wallBase + inner.GetElapsedTime(_shownBase, ShownTimestamp())
                : inner.GetUtcNow();
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        double rate = Rate;
        return inner.CreateTimer(callback, state, OnTrueClock(dueTime, rate), OnTrueClock(period, rate));
    }

    private static TimeSpan OnTrueClock(TimeSpan time, double rate) => time > TimeSpan.Zero ? time / rate : time;

    private long ShownTimestamp() => _shownBase + (long)((inner.GetTimestamp() - _innerBase) * _rate);

    private void Settle()
    {
        long innerNow = inner.GetTimestamp();
        long shownNow = _shownBase + (long)((innerNow - _innerBase) * _rate);
        _wallStart = _wallStart is { } start ? start + inner.GetElapsedTime(_shownBase, shownNow) : inner.GetUtcNow();
        _innerBase = innerNow;
        _shownBase = shownNow;
    }
}
