namespace Redlock.Fast.Resp;

/// <summary>What a server is to others.</summary>
public enum RespServerRole : byte
{
    /// <summary>It may not be asked, or does not say.</summary>
    Unknown = 0,

    /// <summary>A server of its own.</summary>
    Standalone,

    /// <summary>It watches other servers and stores nothing.</summary>
    Sentinel,

    /// <summary>It stores a part of the keys of a cluster.</summary>
    ClusterMember,
}
