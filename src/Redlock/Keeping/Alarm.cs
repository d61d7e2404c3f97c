using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>One timer, set to the earliest moment asked for.</summary>
/// <param name="time">Whose timer it is.</param>
/// <param name="gate">The owner's: it is set under this gate, and rings outside.</param>
/// <param name="ring">What it calls.</param>
internal sealed class Alarm(TimeProvider time, Gate gate, Action ring)
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
        _timer ??= WithoutContext.CreateTimer(time, static state => ((Alarm)state!).Ring(), this);

        // Rounded up, less than a tick too: a timer that fires early would find nothing due, and be set anew for the same moment.
        TimeSpan due = dueTicks <= nowTicks ? TimeSpan.Zero : time.GetElapsedTime(nowTicks, dueTicks) + TimeSpan.FromTicks(1);
        _timer.Change(due < _longestSleep ? due : _longestSleep, Timeout.InfiniteTimeSpan);
    }

    private void Ring()
    {
        if (gate.IsEntered)
        {
            // A clock that rings while it is set.
            ThreadPool.UnsafeQueueUserWorkItem(static late => late(), ring, preferLocal: false);
            return;
        }

        ring();
    }
}
