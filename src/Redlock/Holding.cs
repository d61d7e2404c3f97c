namespace Redlock.Fast;

/// <summary>What all copies of one token share, so that each sees when one of them has given the lock up.</summary>
/// <remarks>
/// Pooled, and used again and again: a token remembers which use is its own, and sees any other as the end of it. One that is never
/// released goes with its tokens.
/// </remarks>
internal sealed class Holding(OperationPool<Holding> pool, int factory)
{
    private const uint Detached = 1;

    // The uses are even numbers; a use that was detached is odd, and the last one, so that its tokens always see it.
    private uint _use = 2;
    private uint _toldLostIn;
    private RedlockMutex? _mutex;

    /// <summary>The number of the factory whose nodes gave the lock.</summary>
    public int Factory => factory;

    /// <summary>Begins a use of one that is in nobody's hands.</summary>
    /// <returns>Which use it is.</returns>
    public uint Begin(RedlockMutex mutex)
    {
        Volatile.Write(ref _mutex, mutex);
        return _use;
    }

    public bool IsOver(uint use) => Volatile.Read(ref _use) != use;

    public bool IsDetached(uint use) => Volatile.Read(ref _use) == (use | Detached);

    /// <summary>Whoever listens has been told that the lock of a use is lost.</summary>
    public void NoteLossTold(uint use) => Volatile.Write(ref _toldLostIn, use);

    public bool IsLossTold(uint use) => Volatile.Read(ref _toldLostIn) == use;

    /// <summary>Ends a use, unless it is over, or somebody else's lock.</summary>
    /// <returns>Whether this call ended it.</returns>
    public bool Release(RedlockMutex mutex, uint use)
    {
        if (!TryEnd(mutex, use, use + 2))
        {
            return false;
        }

        _mutex = null;
        pool.TryReturn(this);
        return true;
    }

    /// <summary>Ends a use for good. One caller at most succeeds.</summary>
    public bool TryDetach(RedlockMutex mutex, uint use) => TryEnd(mutex, use, use | Detached);

    private bool TryEnd(RedlockMutex mutex, uint use, uint next) =>
        Volatile.Read(ref _mutex) is { } held && held.HasKeyOf(mutex) && Interlocked.CompareExchange(ref _use, next, use) == use;
}
