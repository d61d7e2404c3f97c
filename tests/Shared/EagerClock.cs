namespace Redlock.Fast.SharedTests;

/// <summary>A clock whose timers that are due at once ring inside the call that sets them.</summary>
internal sealed class EagerClock : TimeProvider
{
    [ThreadStatic]
    private static int _depth;

    /// <summary>Whether this thread is inside such a ring.</summary>
    public static bool IsRingingHere => _depth > 0;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(callback, state);

    private sealed class Timer(TimerCallback callback, object? state) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == TimeSpan.Zero)
            {
                _depth++;
                callback(state);
                _depth--;
            }

            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
