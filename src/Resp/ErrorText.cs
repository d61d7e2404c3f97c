using System.Text;

namespace Redlock.Fast.Resp;

/// <summary>Turns what a server sent into text that is safe to show.</summary>
internal static class ErrorText
{
    /// <summary>The code at the start of an error reply, such as WRONGPASS. Unlike the rest of the text it can't hold a password.</summary>
    public static string Code(in RespReply error)
    {
        ReadOnlySpan<byte> bytes = error.Bytes;
        int space = bytes.IndexOf((byte)' ');
        ReadOnlySpan<byte> code = space < 0 ? bytes : bytes[..space];
        return code.IsEmpty || code.ContainsAnyExceptInRange((byte)'A', (byte)'Z') ? "an error" : Encoding.ASCII.GetString(code);
    }

    /// <summary>The start of a reply in one printable line.</summary>
    public static string Excerpt(in RespReply reply, int maxBytes)
    {
        if (reply.Type is RespType.Integer)
        {
            return $":{reply.Integer}";
        }

        if (reply.Type is RespType.Array || reply.IsNull)
        {
            return reply.Type is RespType.Array ? $"an array of {reply.Count}" : "null";
        }

        StringBuilder text = new();
        text.Append((char)reply.Type);
        ReadOnlySpan<byte> bytes = reply.Bytes[..Math.Min(reply.Bytes.Length, maxBytes)];
        foreach (byte value in bytes)
        {
            text.Append(value is >= 0x20 and < 0x7F ? (char)value : '?');
        }

        return text.Append(reply.Bytes.Length > maxBytes ? "..." : string.Empty).ToString();
    }
}
