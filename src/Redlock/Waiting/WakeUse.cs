namespace Redlock.Fast;

/// <summary>Whether waiters are woken by the nodes.</summary>
internal enum WakeUse : byte
{
    /// <summary>They ask from time to time.</summary>
    Off = 0,

    /// <summary>Releases say that the lock is free.</summary>
    On,
}
