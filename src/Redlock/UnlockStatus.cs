namespace Redlock.Fast;

/// <summary>How a release ended.</summary>
public enum UnlockStatus : byte
{
    /// <summary>Too few nodes answered to say. The key goes with its expiry at the latest.</summary>
    Unknown = 0,

    /// <summary>Nothing was released: too many nodes no longer held this owner id. The lock had been lost before.</summary>
    NotHeld,

    /// <summary>Released on a quorum of nodes.</summary>
    Released,
}
