namespace Redlock.Fast.Extensions;

/// <summary>Whether a node says which server it is, as a health check found it.</summary>
public enum NodeIdentity : byte
{
    /// <summary>
    /// It may not be asked (INFO), or does not say: it is believed, and nobody would notice that it is the twin of another node, or has
    /// restarted.
    /// </summary>
    Unknown = 0,

    /// <summary>It says, and is the only node with that server.</summary>
    Known,

    /// <summary>It is a second address of another node's server, so its votes do not count.</summary>
    Twin,
}
