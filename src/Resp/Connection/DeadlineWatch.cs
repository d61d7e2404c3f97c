namespace Redlock.Fast.Resp;

/// <summary>One coarse timer over all requests of a connection. It sleeps when nothing is pending.</summary>
/// <remarks>All but its end, and what <see cref="LimitOfSilence"/> tells behind a look, is called under the connection's gate.</remarks>
internal sealed class DeadlineWatch : IDisposable
{
    // Below it a pause of a machine or of a server would look like a lost connection.
    private static readonly TimeSpan _leastSilence = TimeSpan.FromMilliseconds(250);

    private readonly Gate _gate;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly long _mostSilenceTicks;
    private readonly long _leastSilenceTicks;
    private long _armedFor = long.MaxValue;
    private long _heardAt;
    private long _limitTicks;
    private long _silentSince;

    public DeadlineWatch(RespConnection connection, Gate gate, RespNodeOptions options)
    {
        _gate = gate;
        _time = options.TimeProvider;
        _mostSilenceTicks = ClockTicks.Of(_time, options.SilenceLimit);
        _leastSilenceTicks = Math.Min(ClockTicks.Of(_time, _leastSilence), _mostSilenceTicks);
        _timer = WithoutContext.CreateTimer(_time, static state => ((RespConnection)state!).ExpireDue(), connection);
    }

    /// <summary>How long the node might answer nothing, given who waited when that was looked at last.</summary>
    public TimeSpan LimitOfSilence => _time.GetElapsedTime(0, _limitTicks);

    /// <summary>Whether a request has timed out and no reply has come since.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>Sees to it that the timer fires at <paramref name="deadlineTicks"/> or before.</summary>
    public void Watch(long deadlineTicks)
    {
        _gate.AssertEntered();
        if (deadlineTicks < _armedFor)
        {
            Arm(deadlineTicks, _time.GetTimestamp());
        }
    }

    public void NoteReply(long now)
    {
        _gate.AssertEntered();
        _heardAt = now;
        IsSilent = false;
    }

    /// <summary>
    /// Takes handlers of requests whose time is up, and takes those out that were not sent. Once it takes no more, the timer is armed for
    /// the next one.
    /// </summary>
    /// <param name="queue">The connection's queue.</param>
    /// <param name="expired">Filled with the slots to fail, as many as it holds; call again while it is full.</param>
    /// <param name="isReady">Whether the node can be expected to answer.</param>
    /// <param name="count">How many of them.</param>
    /// <returns>Whether the node has been silent for too long.</returns>
    public bool CollectExpired(RequestQueue queue, Span<ReplySlot> expired, bool isReady, out int count)
    {
        _gate.AssertEntered();
        long now = _time.GetTimestamp();
        long next = long.MaxValue;
        long shortest = _mostSilenceTicks;
        count = 0;
        RequestLine line = queue.Line;
        for (int place = 0; place < line.Count; place++)
        {
            ref ReplySlot slot = ref line[place];
            shortest = slot.SilenceTicks == 0 ? shortest : Math.Min(shortest, slot.SilenceTicks);
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
            NoteSilence(now);
        }

        int unsent = queue.CollectUnsent(now, expired[count..], ref next);
        foreach (ref readonly ReplySlot slot in expired.Slice(count, unsent))
        {
            // Before a node is ready, a request can tell nothing of it but that it takes its time. Later it waits for room, which replies
            // make: one that has waited all its time and has seen none knows as much as one that was sent.
            if (!isReady || slot.TakenTicks > _heardAt)
            {
                NoteSilence(now);
            }
        }

        count += unsent;
        if (count == expired.Length)
        {
            return false;
        }

        bool tooLong = false;
        if (IsSilent && isReady && line.Count > 0)
        {
            // A process that was paused finds everything late at once: what has come meanwhile must get the time to be read.
            _limitTicks = Math.Max(_leastSilenceTicks, shortest);
            long end = Math.Max(Math.Max(_heardAt, line[0].TakenTicks) + _limitTicks, _silentSince + (_limitTicks / 2));
            tooLong = now >= end;
            next = tooLong ? next : Math.Min(next, end);
        }

        _armedFor = long.MaxValue;
        if (next != long.MaxValue)
        {
            Arm(next, now);
        }

        return tooLong;
    }

    public void Dispose() => _timer.Dispose();

    private void NoteSilence(long now)
    {
        _silentSince = IsSilent ? _silentSince : now;
        IsSilent = true;
    }

    private void Arm(long deadlineTicks, long now)
    {
        _armedFor = deadlineTicks;
        _timer.Change(DueTime.Until(deadlineTicks, now, _time), Timeout.InfiniteTimeSpan);
    }
}
