namespace Redlock.Fast;

/// <summary>How an extension ended.</summary>
public enum ExtendStatus : byte
{
    /// <summary>Too few nodes answered to say. The old deadline stands; trying again before it is sensible.</summary>
    Unavailable = 0,

    /// <summary>The lock is lost: its deadline has passed, or too many nodes no longer hold this owner id.</summary>
    NotHeld,

    /// <summary>Extended on a quorum of nodes that still held this owner id.</summary>
    Extended,
}
