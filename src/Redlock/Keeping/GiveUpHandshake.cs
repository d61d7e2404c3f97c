namespace Redlock.Fast;

/// <summary>
/// How a lock that is given up is never kept on, though nobody who gives one up takes the gate of <see cref="KeptLocks"/> while none are
/// kept.
/// </summary>
/// <remarks>
/// Two parties, two steps each. Whoever gives a lock up marks its token, and then looks whether any lock is kept. Whoever begins to keep
/// one adds it, and then looks whether its token is marked. With a fence between the two steps of each, the one that comes second sees the
/// other: the first removes the lock, or the second does not keep it.
/// </remarks>
internal static class GiveUpHandshake
{
    /// <summary>Between the two steps of either party.</summary>
    public static void Fence() => Interlocked.MemoryBarrier();
}
