using System.Diagnostics;

namespace Redlock.Fast.Resp;

internal sealed class TimerQueue(TimeProvider clock)
{
    // Callbacks are short by contract; the default stack of 8 MiB would be wasted on them.
    private const int StackBytes = 256 * 1024;

    // The wait below is measured by a clock that stops in suspend. Waking this often bounds how late a timer is after one.
    private const int LongestWaitMilliseconds = 1000;

    // What _wakeTicks is while the thread is awake: no due time is earlier, so nobody wakes it.
    private const long Awake = long.MinValue;

    private readonly Gate _gate = new();
    private readonly TimerHeap _heap = new();
    private Thread? _thread;
    private QueuedTimer? _firing;
    private long _wakeTicks = Awake;

    public bool Change(QueuedTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        using (_gate.Enter())
        {
            timer.AssertInvariants();
            if (timer.IsDisposed)
            {
                return false;
            }

            timer.PeriodTicks = period == Timeout.InfiniteTimeSpan ? QueuedTimer.NoPeriod : ToTicks(period);
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                _heap.Remove(timer);
                return true;
            }

            StartThread();
            _heap.AddOrMove(timer, clock.GetTimestamp() + ToTicks(dueTime));
            if (timer.DueTicks < _wakeTicks)
            {
                _wakeTicks = Awake;
                _gate.Pulse();
            }

            return true;
        }
    }

    public void Remove(QueuedTimer timer)
    {
        using (_gate.Enter())
        {
            timer.IsDisposed = true;
            _heap.Remove(timer);
            timer.AssertInvariants();
        }
    }

    /// <summary>Completes when no callback of the timer runs any more; a callback may start this, but not wait for it.</summary>
    public ValueTask RemoveAsync(QueuedTimer timer)
    {
        using (_gate.Enter())
        {
            Remove(timer);
            if (_firing != timer)
            {
                return ValueTask.CompletedTask;
            }

            timer.CallbackEnded ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(timer.CallbackEnded.Task);
        }
    }

    private void StartThread()
    {
        if (_thread is not null)
        {
            return;
        }

        Thread thread = new(Serve, StackBytes) { IsBackground = true, Name = "Redlock.Fast timers" };

        // A context flowing in from whoever came first would live as long as the process.
        thread.UnsafeStart();
        _thread = thread;
    }

    private void Serve()
    {
        RespThread.Enter(RespThreadRole.Timers);
        ExecutionContext? clean = ExecutionContext.Capture();
        while (true)
        {
            QueuedTimer timer = TakeDue();

            // Not caught: a broken timer would otherwise be a lease that silently is not renewed.
            timer.Fire();
            if (clean is not null)
            {
                ExecutionContext.Restore(clean);
            }
        }
    }

    private QueuedTimer TakeDue()
    {
        using (_gate.Enter())
        {
            EndFiring();
            while (true)
            {
                if (_heap.Count == 0)
                {
                    Sleep(long.MaxValue, Timeout.Infinite);
                    continue;
                }

                QueuedTimer earliest = _heap.Earliest;
                long now = clock.GetTimestamp();
                if (earliest.DueTicks <= now)
                {
                    Reschedule(earliest, now);
                    _firing = earliest;
                    return earliest;
                }

                Sleep(earliest.DueTicks, MillisecondsUntil(earliest.DueTicks, now));
            }
        }
    }

    private void EndFiring()
    {
        QueuedTimer? ended = _firing;
        _firing = null;
        ended?.CallbackEnded?.SetResult();
    }

    private void Reschedule(QueuedTimer timer, long now)
    {
        if (timer.PeriodTicks == QueuedTimer.NoPeriod)
        {
            _heap.Remove(timer);
            return;
        }

        long next = timer.DueTicks + timer.PeriodTicks;
        _heap.AddOrMove(timer, next > now ? next : now + timer.PeriodTicks);
        Debug.Assert(timer.DueTicks > now, "A periodic timer would starve the others.");
    }

    // May return early, when pulsed; the caller looks again.
    private void Sleep(long wakeTicks, int milliseconds)
    {
        _wakeTicks = wakeTicks;
        _gate.Wait(TimeSpan.FromMilliseconds(milliseconds));
        _wakeTicks = Awake;
    }

    private int MillisecondsUntil(long dueTicks, long now)
    {
        long perMillisecond = clock.TimestampFrequency / 1000;
        long milliseconds = (dueTicks - now + perMillisecond - 1) / perMillisecond;
        return (int)Math.Min(milliseconds, LongestWaitMilliseconds);
    }

    // Rounded up: a timer may fire late, never early.
    private long ToTicks(TimeSpan time)
    {
        (long seconds, long rest) = Math.DivRem(time.Ticks, TimeSpan.TicksPerSecond);
        long frequency = clock.TimestampFrequency;
        return (seconds * frequency) + (((rest * frequency) + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond);
    }
}
