using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Reads a node's reply as its vote.</summary>
internal static class ReplyVote
{
    /// <summary>A release's reply where the mark was there, and its wake was published.</summary>
    public const int SomebodyWaited = 2;

    /// <summary>The same, but the server refused to publish.</summary>
    public const int SomebodyWaitedUnwoken = 3;

    // The smallest number that there is, with its sign.
    private const int LongestInteger = 20;

    /// <summary>The reply to SET NX: OK, or null if the key exists.</summary>
    public static NodeVote OfAcquire(in RespReply reply) =>
        reply.IsNull || IsOfAnotherKind(reply) ? NodeVote.HeldByOther
        : IsWord(reply, "OK"u8) ? NodeVote.Granted
        : NodeVote.Failed;

    /// <summary>The reply to Take: a word if it was granted, what the owner has left if not.</summary>
    public static NodeVote OfTake(in RespReply reply) =>
        reply.Type == RespType.Integer || IsOfAnotherKind(reply) ? NodeVote.HeldByOther
        : IsScriptWord(reply, "OK"u8) || IsScriptWord(reply, "SUCCEEDED"u8) ? NodeVote.Granted
        : NodeVote.Failed;

    /// <summary>The reply to the Take of a fenced lock: the number behind the word.</summary>
    public static NodeVote OfFencedTake(in RespReply reply) =>
        reply.Type == RespType.Integer || IsOfAnotherKind(reply) ? NodeVote.HeldByOther
        : (IsNumbered(reply, "OK "u8) || IsNumbered(reply, "SUCCEEDED "u8)) && FencingNumber.Of(reply) != 0 ? NodeVote.Granted
        : NodeVote.Failed;

    /// <summary>The same reply for the holder who released by it.</summary>
    public static NodeVote OfSuccession(in RespReply reply) =>
        reply.Type == RespType.Integer || IsOfAnotherKind(reply) ? NodeVote.HeldByOther
        : IsScriptWord(reply, "SUCCEEDED"u8) || IsNumbered(reply, "SUCCEEDED "u8) ? NodeVote.Granted
        : IsScriptWord(reply, "OK"u8) || IsNumbered(reply, "OK "u8) ? NodeVote.NothingThere
        : NodeVote.Failed;

    /// <summary>The reply to a release, which also says whether somebody waited.</summary>
    public static NodeVote OfRelease(in RespReply reply) =>
        reply.Type == RespType.Integer && reply.Integer is SomebodyWaited or SomebodyWaitedUnwoken ? NodeVote.Granted : OfScript(reply);

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

    /// <summary>What became of a node that answered, in no words if it voted.</summary>
    public static NodeOutcome Outcome(RespChannel node, NodeVote vote, in RespReply reply)
    {
        if (vote != NodeVote.Failed)
        {
            return new NodeOutcome(node.Name, vote, null) { FencingNumber = FencingNumber.Of(reply) };
        }

        string? code = reply.Type == RespType.Error ? ErrorCode.Of(reply) : null;
        bool isMisconfigured = IsMisconfiguration(code) || IsRefusedInScript(reply);
        return new NodeOutcome(node.Name, isMisconfigured ? NodeVote.Misconfigured : NodeVote.Failed, Describe(node, reply))
        {
            Cause = reply.Type == RespType.Error ? NodeCause.ErrorReply : NodeCause.UnexpectedReply,
            ErrorCode = code,
        };
    }

    private static bool IsNumbered(in RespReply reply, ReadOnlySpan<byte> word) =>
        IsOfScript(reply) && reply.Bytes.StartsWith(word);

    private static bool IsScriptWord(in RespReply reply, ReadOnlySpan<byte> word) =>
        IsOfScript(reply) && reply.Bytes.SequenceEqual(word);

    // Garnet gives the status of a script as a bulk string.
    private static bool IsOfScript(in RespReply reply) => reply.Type is RespType.SimpleString or RespType.BulkString;

    private static bool IsWord(in RespReply reply, ReadOnlySpan<byte> word) =>
        reply.Type == RespType.SimpleString && reply.Bytes.SequenceEqual(word);

    /// <summary>What became of a node of which no reply came.</summary>
    public static NodeOutcome Outcome(RespChannel node, RequestFailure failure) =>
        new(node.Name, failure == RequestFailure.Misconfigured ? NodeVote.Misconfigured : NodeVote.Failed, node.Describe(failure))
    {
        Cause = failure switch
        {
            RequestFailure.TimedOut or RequestFailure.Silent => NodeCause.Unanswered,
            RequestFailure.Misconfigured => NodeCause.ConnectionRefused,
            RequestFailure.ConnectionLost => NodeCause.ConnectionLost,
            RequestFailure.QueueFull => NodeCause.QueueFull,
            RequestFailure.TimedOutUnsent or RequestFailure.Withdrawn => NodeCause.Unsent,
            RequestFailure.Disposed => NodeCause.Disposed,
            _ => NodeCause.NotConnected,
        },
    };

    // What only a person can mend.
    private static bool IsMisconfiguration(string? code) =>
        code is "READONLY" or "MOVED" or "ASK" or "CLUSTERDOWN" or "NOPERM" or "NOAUTH" or "WRONGPASS";

    // What a script may not do comes without the code that the command alone would have had, and what nothing can do without a script
    // under a code of the client's own.
    private static bool IsRefusedInScript(in RespReply reply) =>
        reply.Type == RespType.Error
        && (reply.Bytes.StartsWith("ERR ACL failure in script"u8)
            || reply.Bytes.StartsWith("ERR The user executing the script can't run"u8)
            || reply.Bytes.StartsWith("NOSCRIPTS "u8)
            || (IsOfCounter(reply) && reply.Bytes.IndexOf("ACL failure in script"u8) >= 0));

    // No lock of ours is a hash or a list, so whoever has put it there is another owner. Redis before 7 puts words of its own in front of
    // the code, and DELEX has a text of its own.
    private static bool IsOfAnotherKind(in RespReply reply) =>
        reply.Type == RespType.Error
        && (reply.Bytes.IndexOf("WRONGTYPE"u8) >= 0 || reply.Bytes.StartsWith("ERR Key should be of string type"u8))
        && !IsOfCounter(reply);

    // What stands in the place of a fence counter says nothing about the lock. Garnet puts a code of its own in front of it.
    private static bool IsOfCounter(in RespReply reply) =>
        reply.Bytes.StartsWith("FENCE "u8) || reply.Bytes.StartsWith("ERR FENCE "u8);

    /// <summary>What a node said in place of a vote, in one printable line.</summary>
    private static string Describe(RespChannel node, in RespReply reply)
    {
        if (reply.Type == RespType.Error)
        {
            string role = RoleText.Of(node.Server?.Role ?? RespServerRole.Unknown);
            return $"{node.Name}: the node answered with the error: {node.Excerpt(reply.Bytes)}{(role.Length == 0 ? "" : "." + role)}";
        }

        // A number can be a password too.
        Span<byte> digits = stackalloc byte[LongestInteger];
        reply.Integer.TryFormat(digits, out int length, provider: CultureInfo.InvariantCulture);
        string came = node.Excerpt(reply.Type == RespType.Integer ? digits[..length] : reply.Bytes);
        return $"{node.Name}: the node gave a reply of an unexpected kind ({reply.Type}): {came}";
    }
}
