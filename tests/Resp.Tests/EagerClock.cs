namespace Redlock.Fast.Resp.Tests;

/// <summary>A clock whose timers that are due at once ring inside the call that sets them.</summary>
internal sealed class EagerClock : TimeProvider
{
    /// <summary>Told +1 when such a ring begins, and -1 when it has ended.</summary>
    public Action<int>? Entered { get; set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Timer(this, callback, state);

    private sealed class Timer(EagerClock clock, TimerCallback callback, object? state) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == TimeSpan.Zero)
            {
                clock.Entered?.Invoke(1);
                callback(state);
                clock.Entered?.Invoke(-1);
            }

            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
