using System.Diagnostics;

namespace Redlock.Fast;

// A binary heap, the earliest due at the root. Each lock knows its index, so moving or removing one costs O(log n) and no search.
internal sealed class KeptLockHeap
{
    // Enough for a service that keeps a few locks; it doubles, and never shrinks.
    private const int InitialCapacity = 16;

    private KeptLock?[] _locks = new KeptLock?[InitialCapacity];

    public int Count { get; private set; }

    public KeptLock Earliest => _locks[0]!;

    /// <summary>Puts a lock where its due moment belongs.</summary>
    public void AddOrMove(KeptLock kept)
    {
        if (kept.HeapIndex == KeptLock.NotInHeap)
        {
            if (Count == _locks.Length)
            {
                Array.Resize(ref _locks, Count * 2);
            }

            Place(kept, Count++);
        }

        Settle(kept);
    }

    public void Remove(KeptLock kept)
    {
        int hole = kept.HeapIndex;
        if (hole == KeptLock.NotInHeap)
        {
            return;
        }

        kept.HeapIndex = KeptLock.NotInHeap;
        KeptLock last = _locks[--Count]!;
        _locks[Count] = null;
        if (last != kept)
        {
            Place(last, hole);
            Settle(last);
        }
    }

    private void Settle(KeptLock kept)
    {
        Debug.Assert(_locks[kept.HeapIndex] == kept, "a lock knows its place");
        int index = kept.HeapIndex;
        while (index > 0 && _locks[(index - 1) / 2]!.DueTicks > kept.DueTicks)
        {
            Place(_locks[(index - 1) / 2]!, index);
            index = (index - 1) / 2;
        }

        while (EarlierChild(index) is { } child && child.DueTicks < kept.DueTicks)
        {
            int below = child.HeapIndex;
            Place(child, index);
            index = below;
        }

        Place(kept, index);
    }

    private KeptLock? EarlierChild(int index)
    {
        int below = (2 * index) + 1;
        if (below >= Count)
        {
            return null;
        }

        KeptLock left = _locks[below]!;
        return below + 1 < Count && _locks[below + 1]!.DueTicks < left.DueTicks ? _locks[below + 1] : left;
    }

    private void Place(KeptLock kept, int index)
    {
        _locks[index] = kept;
        kept.HeapIndex = index;
    }
}
