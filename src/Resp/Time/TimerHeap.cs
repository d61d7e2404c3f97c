using System.Diagnostics;

namespace Redlock.Fast.Resp;

// A binary heap, the earliest due at the root. Each timer knows its index, so moving or removing one costs O(log n) and no search.
internal sealed class TimerHeap
{
    // Enough for the timers of a few nodes and mutexes; it doubles, and never shrinks.
    private const int InitialCapacity = 64;

    private QueuedTimer?[] _timers = new QueuedTimer?[InitialCapacity];

    public int Count { get; private set; }

    public QueuedTimer Earliest => _timers[0]!;

    public void AddOrMove(QueuedTimer timer, long dueTicks)
    {
        timer.DueTicks = dueTicks;
        if (timer.HeapIndex == QueuedTimer.NotInHeap)
        {
            if (Count == _timers.Length)
            {
                Array.Resize(ref _timers, Count * 2);
            }

            Place(timer, Count++);
        }

        Settle(timer);
    }

    public void Remove(QueuedTimer timer)
    {
        int hole = timer.HeapIndex;
        if (hole == QueuedTimer.NotInHeap)
        {
            return;
        }

        timer.HeapIndex = QueuedTimer.NotInHeap;
        QueuedTimer last = _timers[--Count]!;
        _timers[Count] = null;
        if (last == timer)
        {
            return;
        }

        Place(last, hole);
        Settle(last);
    }

    private void Settle(QueuedTimer timer)
    {
        AssertInvariants();
        Rise(timer);
        Sink(timer);
    }

    private void Rise(QueuedTimer timer)
    {
        int index = timer.HeapIndex;
        while (index > 0)
        {
            int above = (index - 1) / 2;
            QueuedTimer parent = _timers[above]!;
            if (parent.DueTicks <= timer.DueTicks)
            {
                break;
            }

            Place(parent, index);
            index = above;
        }

        Place(timer, index);
    }

    private void Sink(QueuedTimer timer)
    {
        int index = timer.HeapIndex;
        while (true)
        {
            int below = (2 * index) + 1;
            if (below >= Count)
            {
                break;
            }

            if (below + 1 < Count && _timers[below + 1]!.DueTicks < _timers[below]!.DueTicks)
            {
                below++;
            }

            QueuedTimer child = _timers[below]!;
            if (timer.DueTicks <= child.DueTicks)
            {
                break;
            }

            Place(child, index);
            index = below;
        }

        Place(timer, index);
    }

    private void Place(QueuedTimer timer, int index)
    {
        _timers[index] = timer;
        timer.HeapIndex = index;
    }

    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        Debug.Assert(Count > 0 && Count <= _timers.Length);
        Debug.Assert(_timers[0]!.HeapIndex == 0);
        Debug.Assert(Count == _timers.Length || _timers[Count] is null);
    }
}
