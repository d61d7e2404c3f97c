using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Reads a node's reply as its vote.</summary>
internal static class ReplyVote
{
    // One line of a log.
    private const int MaxErrorBytes = 200;

    /// <summary>The reply to SET NX: OK, or null if the key exists.</summary>
    public static NodeVote OfAcquire(in RespReply reply) =>
        reply.IsNull ? NodeVote.HeldByOther
        : reply.Type == RespType.SimpleString && reply.Bytes.SequenceEqual("OK"u8) ? NodeVote.Granted
        : NodeVote.Failed;

    /// <summary>The reply of a compare-and-act script.</summary>
    public static NodeVote OfScript(in RespReply reply) =>
        reply.Type != RespType.Integer ? NodeVote.Failed
        : reply.Integer switch
        {
            1 => NodeVote.Granted,
            0 => NodeVote.NothingThere,
            -1 => NodeVote.HeldByOther,
            _ => NodeVote.Failed,
        };

    /// <summary>An error reply whose cause only a person can mend.</summary>
    public static bool IsMisconfiguration(in RespReply error)
    {
        ReadOnlySpan<byte> text = error.Bytes;
        int space = text.IndexOf((byte)' ');
        ReadOnlySpan<byte> code = space < 0 ? text : text[..space];
        return code.SequenceEqual("READONLY"u8)
            || code.SequenceEqual("MOVED"u8)
            || code.SequenceEqual("ASK"u8)
            || code.SequenceEqual("CLUSTERDOWN"u8)
            || code.SequenceEqual("NOPERM"u8)
            || code.SequenceEqual("NOAUTH"u8)
            || code.SequenceEqual("WRONGPASS"u8);
    }

    /// <summary>What a node said in place of a vote, in one printable line.</summary>
    public static string Describe(string node, in RespReply reply)
    {
        StringBuilder text = new(node);
        text.Append(reply.Type == RespType.Error ? ": the node answered with the error: " : $": the node gave a reply of an unexpected kind ({reply.Type}): ");
        if (reply.Type == RespType.Integer)
        {
            return text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{reply.Integer}").ToString();
        }

        foreach (byte value in reply.Bytes[..Math.Min(reply.Bytes.Length, MaxErrorBytes)])
        {
            text.Append(value is >= 0x20 and < 0x7F ? (char)value : '?');
        }

        return text.ToString();
    }
}
