using Redlock.Fast.Testing;

namespace Redlock.Fast.SharedTests;

// A clock that stands still, and counts how often a timer is armed on it.
internal sealed class CountingTimeProvider : TimeProvider
{
    private readonly ManualTimeProvider _clock = new();
    private int _armed;

    public int Armed => Volatile.Read(ref _armed);

    public override long TimestampFrequency => _clock.TimestampFrequency;

    public override long GetTimestamp() => _clock.GetTimestamp();

    public void Advance(TimeSpan elapsed) => _clock.Advance(elapsed);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Count(dueTime);
        return new CountingTimer(this, _clock.CreateTimer(callback, state, dueTime, period));
    }

    private void Count(TimeSpan dueTime)
    {
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            Interlocked.Increment(ref _armed);
        }
    }

    private sealed class CountingTimer(CountingTimeProvider clock, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock.Count(dueTime);
            return timer.Change(dueTime, period);
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
