namespace Redlock.Fast.SharedTests;

// A clock of a process that was paused: its timers find all the time gone at once.
internal sealed class LeapingClock : TimeProvider
{
    private readonly List<LeapingTimer> _timers = [];
    private long _ticks = 1;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    // Each timer that is armed fires once, late.
    public void Leap(TimeSpan elapsed)
    {
        _ticks += elapsed.Ticks;
        foreach (LeapingTimer timer in _timers)
        {
            timer.FireIfArmed();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        LeapingTimer timer = new(callback, state);
        timer.Change(dueTime, period);
        _timers.Add(timer);
        return timer;
    }

    private sealed class LeapingTimer(TimerCallback callback, object? state) : ITimer
    {
        private bool _isArmed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _isArmed = dueTime != Timeout.InfiniteTimeSpan;
            return true;
        }

        public void FireIfArmed()
        {
            if (_isArmed)
            {
                _isArmed = false;
                callback(state);
            }
        }

        public void Dispose() => _isArmed = false;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
