namespace Redlock.Fast;

/// <summary>What one node said in an attempt.</summary>
public enum NodeVote : byte
{
    /// <summary>Nobody had to wait for it: the others had decided, or the caller had given up. It says nothing about the node.</summary>
    NotAwaited = 0,

    /// <summary>It did what was asked.</summary>
    Granted,

    /// <summary>Another owner's value is stored under the key.</summary>
    HeldByOther,

    /// <summary>Nothing is stored under the key, so there was nothing to release or to extend.</summary>
    NothingThere,

    /// <summary>No answer that counts: an error, silence, a lost connection. It may pass by itself.</summary>
    Failed,

    /// <summary>It refuses because of how it or this client is set up; a person has to mend that.</summary>
    Misconfigured,
}
