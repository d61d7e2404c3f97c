namespace Redlock.Fast.Resp;

/// <summary>Names what a server sent without quoting it: an error may repeat a password, a payload may be somebody's data.</summary>
internal static class ErrorText
{
    /// <summary>What is shown of a code that is not one of Redis' own.</summary>
    public const string UnknownCode = "an error";

    // A first word that a server made up could be the password itself, so only these are shown.
    private static readonly string[] _codes =
    [
        "ASK", "BUSY", "CLUSTERDOWN", "CROSSSLOT", "DENIED", "ERR", "EXECABORT", "LOADING", "MASTERDOWN", "MISCONF", "MOVED", "NOAUTH",
        "NOGOODSLAVE", "NOPERM", "NOPROTO", "NOREPLICAS", "NOSCRIPT", "OOM", "READONLY", "TRYAGAIN", "WRONGPASS", "WRONGTYPE",
    ];

    /// <summary>The code at the start of an error reply, such as WRONGPASS, if it is one of Redis' own.</summary>
    public static string Code(in RespReply error)
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

        return UnknownCode;
    }

    /// <summary>What kind of reply it is, with an error's code.</summary>
    public static string Kind(in RespReply reply) => reply.Type == RespType.Error ? $"Error {Code(reply)}" : reply.Type.ToString();
}
