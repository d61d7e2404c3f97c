using System.Diagnostics;

namespace Redlock.Fast.Resp;

// Every mutable field belongs to the queue and changes only under its lock.
internal sealed class QueuedTimer(TimerQueue queue, TimerCallback callback, object? state) : ITimer
{
    public const int NotInHeap = -1;
    public const long NoPeriod = 0;

    // The limit of System.Threading.Timer, so that the two can stand in for each other.
    private static readonly TimeSpan _longestTime = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    public int HeapIndex { get; set; } = NotInHeap;

    public long DueTicks { get; set; }

    public long PeriodTicks { get; set; } = NoPeriod;

    public bool IsDisposed { get; set; }

    // Someone awaits the end of the callback that was running at disposal.
    public TaskCompletionSource? CallbackEnded { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        ThrowIfOutOfRange(dueTime, nameof(dueTime));
        ThrowIfOutOfRange(period, nameof(period));
        return queue.Change(this, dueTime, period);
    }

    public void Dispose() => queue.Remove(this);

    public ValueTask DisposeAsync() => queue.RemoveAsync(this);

    public void Fire() => callback(state);

    private static void ThrowIfOutOfRange(TimeSpan time, string name)
    {
        if (time == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time, _longestTime, name);
    }

    [Conditional("DEBUG")]
    public void AssertInvariants() => Debug.Assert(!IsDisposed || HeapIndex == NotInHeap, "A disposed timer is still queued.");
}
