namespace Redlock.Fast.Resp;

/// <summary>Reads the code at the start of an error reply, such as WRONGPASS.</summary>
internal static class ErrorCode
{
    // A first word that a server made up could be a password or somebody's data, so only these are ever handed on.
    private static readonly string[] _codes =
    [
        "ASK", "BUSY", "CLUSTERDOWN", "CROSSSLOT", "DENIED", "ERR", "EXECABORT", "LOADING", "MASTERDOWN", "MISCONF", "MOVED", "NOAUTH",
        "NOGOODSLAVE", "NOPERM", "NOPROTO", "NOREPLICAS", "NOSCRIPT", "OOM", "READONLY", "TRYAGAIN", "WRONGPASS", "WRONGTYPE",
    ];

    /// <summary>The code, which is one text for all errors that have it; <c>null</c> if it is none of Redis' own.</summary>
    public static string? Of(in RespReply error)
    {
        ReadOnlySpan<byte> bytes = error.Bytes;
        int space = bytes.IndexOf((byte)' ');
        ReadOnlySpan<byte> first = space < 0 ? bytes : bytes[..space];
        foreach (string code in _codes)
        {
            if (System.Text.Ascii.Equals(first, code))
            {
                return code;
            }
        }

        return null;
    }
}
