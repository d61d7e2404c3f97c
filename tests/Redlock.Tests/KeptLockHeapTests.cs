namespace Redlock.Fast.Tests;

public class KeptLockHeapTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_earliest_comes_first_whatever_is_added_moved_and_removed(int seed)
    {
        using ScriptedQuorum quorum = new(1);
        MutexDefinition mutex = quorum.Mutex().Definition;
        Random random = new(seed);
        KeptLockHeap heap = new();
        List<KeptLock> expected = [];
        for (int step = 0; step < 3000; step++)
        {
            int action = random.Next(4);
            if (expected.Count == 0 || action < 2)
            {
                KeptLock added = new();
                added.Begin(mutex, NewToken(random), nowTicks: 0);
                heap.AddOrMove(added);
                expected.Add(added);
            }
            else if (action == 2)
            {
                KeptLock moved = expected[random.Next(expected.Count)];
                moved.Extend(NewToken(random).DeadlineTicks);
                heap.AddOrMove(moved);
            }
            else
            {
                KeptLock removed = expected[random.Next(expected.Count)];
                heap.Remove(removed);
                heap.Remove(removed);
                Assert.Equal(KeptLock.NotInHeap, removed.HeapIndex);
                expected.Remove(removed);
            }

            Assert.Equal(expected.Count, heap.Count);
            if (heap.Count > 0)
            {
                Assert.Equal(expected.Min(kept => kept.DueTicks), heap.Earliest.DueTicks);
            }
        }

        long last = long.MinValue;
        while (heap.Count > 0)
        {
            Assert.True(heap.Earliest.DueTicks >= last, "out of order");
            last = heap.Earliest.DueTicks;
            heap.Remove(heap.Earliest);
        }
    }

    private static LockToken NewToken(Random random) => new LockToken(Guid.NewGuid().ToByteArray()).Until(random.NextInt64(1, TimeSpan.TicksPerHour));
}
