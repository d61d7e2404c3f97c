using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>One timer, set to the earliest moment asked for. Set under the gate of whoever owns it; it rings outside.</summary>
internal sealed class Alarm(TimeProvider time, Action ring)
{
    private static readonly TimeSpan _longestSleep = TimeSpan.FromDays(24);

    private ITimer? _timer;
    private long _setFor = long.MaxValue;

    /// <summary>It has rung, and has to be set again.</summary>
    public void Clear() => _setFor = long.MaxValue;

    /// <summary>Has it ring at a moment, unless it rings before.</summary>
    public void SetFor(long dueTicks, long nowTicks)
    {
        if (dueTicks >= _setFor)
        {
            return;
        }

        _setFor = dueTicks;
        _timer ??= WithoutContext.CreateTimer(time, static state => ((Action)state!)(), ring);

        // Rounded up, less than a tick too: a timer that fires early would find nothing due, and be set anew for the same moment.
        TimeSpan due = dueTicks <= nowTicks ? TimeSpan.Zero : time.GetElapsedTime(nowTicks, dueTicks) + TimeSpan.FromTicks(1);
        _timer.Change(due < _longestSleep ? due : _longestSleep, Timeout.InfiniteTimeSpan);
    }
}
