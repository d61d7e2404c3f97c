using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>The wait between two tries of an operation. All but the ring happens under the operation's gate.</summary>
/// <param name="clock">The clock by which it passes.</param>
/// <param name="ring">Called outside the gate when a pause may be over; asks <see cref="IsOver"/>.</param>
internal sealed class Pause(QuorumClock clock, Action ring)
{
    private ITimer? _timer;
    private long _untilTicks;
    private bool _isBeingSet;

    /// <summary>Begins one, or moves the end of one that has begun.</summary>
    public void Begin(long untilTicks)
    {
        long now = clock.NowTicks;
        _untilTicks = untilTicks;
        _timer ??= WithoutContext.CreateTimer(clock.Time, static state => ((Action)state!)(), ring);
        Set(untilTicks <= now ? TimeSpan.Zero : DueTime.Within(clock.Time.GetElapsedTime(now, untilTicks)));
    }

    /// <summary>
    /// Whether the pause has passed. If not, the ring was an older pause's or came early, and the timer is set for the rest.
    /// </summary>
    public bool IsOver()
    {
        if (_isBeingSet)
        {
            // A clock that rings while it is set, under the gate: the next try must neither run there nor upon all those before it.
            ThreadPool.UnsafeQueueUserWorkItem(static again => again(), ring, preferLocal: false);
            return false;
        }

        long now = clock.NowTicks;
        if (_untilTicks <= now)
        {
            return true;
        }

        Set(DueTime.Until(_untilTicks, now, clock.Time));
        return false;
    }

    /// <summary>It is not used again.</summary>
    public void End() => _timer?.Dispose();

    private void Set(TimeSpan due)
    {
        _isBeingSet = true;
        _timer!.Change(due, Timeout.InfiniteTimeSpan);
        _isBeingSet = false;
    }
}
