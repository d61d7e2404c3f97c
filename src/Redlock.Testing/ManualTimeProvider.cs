namespace Redlock.Fast.Testing;

/// <summary>A clock that stands still until it is moved, and fires the timers made by it on the way.</summary>
/// <remarks>
/// Thread-safe. Timers fire on the thread that calls <see cref="Advance"/>, in the order they are due, timers due at the
/// same moment in the order they were set; each sees the clock at its own due moment. A timer set to be due at once fires
/// on the thread pool, as any timer does, without waiting for the clock to move.
/// </remarks>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _armed = [];
    private long _elapsedTicks;
    private long _utcTicksAtZero;
    private long _timersSet;

    /// <summary>Makes a clock that shows the first of January 2000, 00:00 UTC.</summary>
    public ManualTimeProvider()
        : this(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>Makes a clock that shows the given moment.</summary>
    public ManualTimeProvider(DateTimeOffset start) => _utcTicksAtZero = start.UtcTicks;

    /// <inheritdoc/>
    /// <value>10,000,000: one timestamp is 100 ns, the tick of a <see cref="TimeSpan"/>.</value>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _elapsedTicks;
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return new DateTimeOffset(_utcTicksAtZero + _elapsedTicks, TimeSpan.Zero);
        }
    }

    /// <summary>Moves time forward: wall clock, timestamps and timers together.</summary>
    /// <param name="elapsed">How far; zero or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="elapsed"/> is negative.</exception>
    public void Advance(TimeSpan elapsed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(elapsed, TimeSpan.Zero);
        long target;
        lock (_gate)
        {
            target = _elapsedTicks + elapsed.Ticks;
        }

        while (TakeNextDue(target) is { } timer)
        {
            timer.Fire();
        }
    }

    /// <summary>Steps the wall clock to a moment, forward or back, as an operator or NTP does.</summary>
    /// <remarks>Timestamps and timers do not notice: they run on elapsed time, which <see cref="Advance"/> alone moves.</remarks>
    public void SetTime(DateTimeOffset now)
    {
        lock (_gate)
        {
            _utcTicksAtZero = now.UtcTicks - _elapsedTicks;
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        ManualTimer timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private ManualTimer? TakeNextDue(long target)
    {
        lock (_gate)
        {
            ManualTimer? next = null;
            foreach (ManualTimer timer in _armed)
            {
                if (timer.DueTicks <= target && (next is null || timer.IsBefore(next)))
                {
                    next = timer;
                }
            }

            if (next is null)
            {
                _elapsedTicks = Math.Max(_elapsedTicks, target);
                return null;
            }

            _elapsedTicks = Math.Max(_elapsedTicks, next.DueTicks);
            if (next.PeriodTicks > 0)
            {
                next.DueTicks += next.PeriodTicks;
                next.Order = _timersSet++;
            }
            else
            {
                _armed.Remove(next);
            }

            return next;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer, IThreadPoolWorkItem
    {
        private bool _isDisposed;

        public long DueTicks { get; set; }

        public long PeriodTicks { get; private set; }

        public long Order { get; set; }

        public bool IsBefore(ManualTimer other) =>
            DueTicks < other.DueTicks || (DueTicks == other.DueTicks && Order < other.Order);

        public void Fire() => callback(state);

        void IThreadPoolWorkItem.Execute() => Fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, Timeout.InfiniteTimeSpan);
            ArgumentOutOfRangeException.ThrowIfLessThan(period, Timeout.InfiniteTimeSpan);
            lock (clock._gate)
            {
                if (_isDisposed)
                {
                    return false;
                }

                clock._armed.Remove(this);
                if (dueTime < TimeSpan.Zero)
                {
                    return true;
                }

                PeriodTicks = Math.Max(0, period.Ticks);
                DueTicks = clock._elapsedTicks + dueTime.Ticks;
                Order = clock._timersSet++;
                bool isDueAtOnce = dueTime == TimeSpan.Zero;
                if (isDueAtOnce)
                {
                    DueTicks += PeriodTicks;
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                }

                if (!isDueAtOnce || PeriodTicks > 0)
                {
                    clock._armed.Add(this);
                }

                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                _isDisposed = true;
                clock._armed.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
