namespace Redlock.Fast.Unit.Tests;

// A clock at zero with ticks finer than those of a duration, and the one timer that is set on it.
internal sealed class NanosecondClock : TimeProvider, ITimer
{
    public TimeSpan Due { get; private set; } = Timeout.InfiniteTimeSpan;

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => 0;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => this;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        Due = dueTime;
        return true;
    }

    public void Dispose()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
