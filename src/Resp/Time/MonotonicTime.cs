namespace Redlock.Fast.Resp;

/// <summary>The clock leases are measured with, and timers that fire even when every thread of the pool is blocked.</summary>
/// <remarks>
/// <para>
/// On Linux <see cref="GetTimestamp"/> reads CLOCK_BOOTTIME, which counts on while the machine is suspended. <c>Stopwatch</c>
/// reads CLOCK_MONOTONIC there, which stands still in suspend: measured with it a lease would look longer than it is, since the
/// nodes go on counting. On other systems, and where the call is refused, it is <c>Stopwatch</c>: on Windows that counts
/// suspension too, on macOS it does not.
/// </para>
/// <para>
/// Callbacks run one after another on a single background thread, without the execution context of whoever made the timer. They must
/// be short and must not block: what one of them takes, all others are late by. An exception that leaves a callback ends the
/// process, as on any thread. A timer never fires early by <see cref="GetTimestamp"/>; it fires up to about a millisecond late,
/// and after a suspension at most a second late.
/// </para>
/// </remarks>
public sealed class MonotonicTime : TimeProvider
{
    private readonly TimerQueue _timers;

    private MonotonicTime() => _timers = new TimerQueue(this);

    /// <summary>The one of this process: one clock, one timer thread, started with the first timer.</summary>
    public static MonotonicTime Shared { get; } = new();

    /// <summary>Timestamps a second: 1,000,000,000 on Linux, else that of <c>Stopwatch</c>.</summary>
    public override long TimestampFrequency => BootClock.IsAvailable ? BootClock.TicksPerSecond : base.TimestampFrequency;

    /// <summary>The monotonic time now, in units of <see cref="TimestampFrequency"/>; only differences mean something.</summary>
    public override long GetTimestamp() => BootClock.IsAvailable ? BootClock.Nanoseconds : base.GetTimestamp();

    /// <summary>Makes a timer served by the timer thread.</summary>
    /// <param name="callback">Runs on the timer thread: short, not blocking, not throwing.</param>
    /// <param name="state">Handed to <paramref name="callback"/>.</param>
    /// <param name="dueTime">Until it first fires, zero or more; <see cref="Timeout.InfiniteTimeSpan"/>: not until it is changed.</param>
    /// <param name="period">
    /// Between firings; zero or <see cref="Timeout.InfiniteTimeSpan"/>: it fires once. Firings missed are not made up for.
    /// </param>
    /// <returns>The timer. It lives while it is due, referenced or not. Changing it allocates nothing.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A time is negative and not infinite, or longer than 4,294,967,294 ms.</exception>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        QueuedTimer timer = new(_timers, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}
