namespace Redlock.Fast;

/// <summary>How an attempt to take a lock ended.</summary>
public enum LockStatus : byte
{
    /// <summary>Not taken: too few nodes answered in time to say whether the name is free. An outage, not contention.</summary>
    Unavailable = 0,

    /// <summary>Not taken: enough nodes answered, and a live owner was seen on too many of them.</summary>
    Contended,

    /// <summary>Taken on a quorum of nodes, with time left to rely on it.</summary>
    Acquired,
}
