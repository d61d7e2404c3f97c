using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Reads a node's reply as its vote.</summary>
internal static class ReplyVote
{
    // The smallest number that there is, with its sign.
    private const int LongestInteger = 20;

    /// <summary>The reply to SET NX: OK, or null if the key exists.</summary>
    public static NodeVote OfAcquire(in RespReply reply) =>
        reply.IsNull || IsOfAnotherKind(reply) ? NodeVote.HeldByOther
        : reply.Type == RespType.SimpleString && reply.Bytes.SequenceEqual("OK"u8) ? NodeVote.Granted
        : NodeVote.Failed;

    /// <summary>The reply of a compare-and-act script.</summary>
    public static NodeVote OfScript(in RespReply reply) =>
        IsOfAnotherKind(reply) ? NodeVote.HeldByOther
        : reply.Type != RespType.Integer ? NodeVote.Failed
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

    // No lock of ours is a hash or a list, so whoever has put it there is another owner. Redis before 7 puts words of its own in front of the code.
    private static bool IsOfAnotherKind(in RespReply reply) => reply.Type == RespType.Error && reply.Bytes.IndexOf("WRONGTYPE"u8) >= 0;

    /// <summary>What a node said in place of a vote, in one printable line.</summary>
    public static string Describe(RespChannel node, in RespReply reply)
    {
        if (reply.Type == RespType.Error)
        {
            return $"{node.Name}: the node answered with the error: {node.Excerpt(reply.Bytes)}";
        }

        // A number can be a password too.
        Span<byte> digits = stackalloc byte[LongestInteger];
        reply.Integer.TryFormat(digits, out int length, provider: CultureInfo.InvariantCulture);
        string came = node.Excerpt(reply.Type == RespType.Integer ? digits[..length] : reply.Bytes);
        return $"{node.Name}: the node gave a reply of an unexpected kind ({reply.Type}): {came}";
    }
}
