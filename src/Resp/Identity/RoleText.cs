namespace Redlock.Fast.Resp;

/// <summary>What a server is to others, for the person who reads why it did not do what was asked.</summary>
internal static class RoleText
{
    /// <returns>A sentence that begins with a space; empty for a server that is as it should be, or does not say.</returns>
    public static string Of(RespServerRole role) => role switch
    {
        RespServerRole.Sentinel => " It is a Sentinel, which stores nothing: give the address of a server.",
        RespServerRole.ClusterMember => " It is a member of a cluster, which serves a part of the names: give a server of its own.",
        _ => string.Empty,
    };
}
