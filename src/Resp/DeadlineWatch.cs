using System.Diagnostics;

namespace Redlock.Fast.Resp;

/// <summary>One coarse timer over all requests of a connection. It sleeps when nothing is pending.</summary>
/// <remarks>All but the timer's own callback is called under the connection's gate.</remarks>
internal sealed class DeadlineWatch : IDisposable
{
    // Within what every timer takes; a request that waits longer is looked at more than once.
    private static readonly TimeSpan _longestSleep = TimeSpan.FromDays(24);

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly long _silenceTicks;
    private long _armedFor = long.MaxValue;
    private long _silentSince = long.MaxValue;

    public DeadlineWatch(RespConnection connection, RespNodeOptions options)
    {
        _time = options.Time;
        SilenceLimit = options.SilenceLimit;
        _silenceTicks = ToTicks(_time, SilenceLimit);
        _timer = _time.CreateTimer(static state => ((RespConnection)state!).ExpireDue(), connection, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How long a node may answer nothing before its connection is given up.</summary>
    public TimeSpan SilenceLimit { get; }

    /// <summary>Whether a request has timed out and no reply has come since.</summary>
    public bool IsSilent => _silentSince != long.MaxValue;

    /// <summary>Sees to it that the timer fires at <paramref name="deadlineTicks"/> or before.</summary>
    public void Watch(long deadlineTicks)
    {
        if (deadlineTicks < _armedFor)
        {
            Arm(deadlineTicks, _time.GetTimestamp());
        }
    }

    public void NoteReply() => _silentSince = long.MaxValue;

    /// <summary>Takes handlers of requests whose time is up. Once it takes none, the timer is armed for the next one.</summary>
    /// <param name="queue">The connection's queue.</param>
    /// <param name="expired">Filled with the slots to fail, as many as it holds; call again while it is full.</param>
    /// <param name="count">How many of them.</param>
    /// <returns>Whether the node has been silent for too long.</returns>
    public bool CollectExpired(RequestQueue queue, Span<ReplySlot> expired, out int count)
    {
        long now = _time.GetTimestamp();
        long next = long.MaxValue;
        count = 0;
        for (int place = 0; place < queue.Count; place++)
        {
            ref ReplySlot slot = ref queue[place];
            if (slot.DeadlineTicks > now)
            {
                next = Math.Min(next, slot.DeadlineTicks);
                continue;
            }

            if (slot.Handler is not null)
            {
                if (count == expired.Length)
                {
                    return false;
                }

                expired[count++] = slot;
                slot.Handler = null;
            }

            slot.DeadlineTicks = long.MaxValue;
            _silentSince = Math.Min(_silentSince, now);
        }

        bool tooLong = IsSilent && now - _silentSince >= _silenceTicks;
        if (IsSilent && !tooLong)
        {
            next = Math.Min(next, _silentSince + _silenceTicks);
        }

        _armedFor = long.MaxValue;
        if (next != long.MaxValue)
        {
            Arm(next, now);
        }

        return tooLong;
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>A duration in the clock's own ticks.</summary>
    public static long ToTicks(TimeProvider time, TimeSpan duration)
    {
        Debug.Assert(duration >= TimeSpan.Zero, "durations here are limits");
        return (long)(duration.TotalSeconds * time.TimestampFrequency);
    }

    private void Arm(long deadlineTicks, long now)
    {
        _armedFor = deadlineTicks;

        TimeSpan due = TimeSpan.Zero;
        if (deadlineTicks > now)
        {
            // Rounded up, less than a tick too: a timer that fires early would find nothing due.
            due = _time.GetElapsedTime(now, deadlineTicks);
            due = due < _longestSleep ? due + TimeSpan.FromTicks(1) : _longestSleep;
        }

        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }
}
