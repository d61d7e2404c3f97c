namespace Redlock.Fast.Torture;

/// <summary>What a link does to the bytes between one client and one node.</summary>
internal enum LinkCondition
{
    /// <summary>No connection stays or comes about: each is reset.</summary>
    Cut = 0,

    /// <summary>Bytes pass at once.</summary>
    Clear,

    /// <summary>Bytes pass late.</summary>
    Slow,

    /// <summary>Bytes pass a few at a time.</summary>
    Sliced,

    /// <summary>Bytes wait until the link is better.</summary>
    Stalled,

    /// <summary>Connections stay, and what is sent either way is gone: half-open.</summary>
    Silent,

    /// <summary>Requests pass, and their replies are gone.</summary>
    Deaf,
}
