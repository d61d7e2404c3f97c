namespace Redlock.Fast;

/// <summary>What the requests of a round were, behind which a release goes.</summary>
internal enum ReleaseAfter : byte
{
    /// <summary>Extensions: the key is older than they are.</summary>
    Extension = 0,

    /// <summary>SETs: without them there is nothing to release.</summary>
    Acquisition,

    /// <summary>Requests that released a predecessor too: they go out whatever becomes of the successor.</summary>
    Succession,
}
