using System.Buffers.Text;
using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>Reads what a node says about itself, and puts it into words in which nothing of the node's own is quoted.</summary>
/// <remarks>Read in place: however large a reply is, nothing of its size is made.</remarks>
internal static class NodeReport
{
    // Wall clocks do not decide who holds a lock; one so far off is a sign that nobody sets it, and it may be set with a jump.
    private static readonly TimeSpan _farOff = TimeSpan.FromSeconds(1);

    // What a page shows of a server's words: what it made up could be anything, the password included, so only these are shown.
    private static readonly (string Code, string Advice)[] _codes =
    [
        ("OOM", "its memory is full; raise maxmemory, or find what fills it"),
        ("NOPERM", "the user lacks a permission; docs/operating.md names those that a lock needs"),
        ("NOAUTH", "it wants a password, and none is set for it"),
        ("WRONGPASS", "check the user and the password"),
        ("READONLY", "it is a replica; a quorum needs independent masters"),
        ("NOREPLICAS", "too few of its replicas are there for min-replicas-to-write"),
        ("CLUSTERDOWN", "it belongs to a cluster whose slots are not all served"),
        ("MOVED", "it belongs to a cluster; a quorum needs independent masters"),
        ("ASK", "it belongs to a cluster; a quorum needs independent masters"),
        ("MISCONF", "it can't write to its disk, and refuses writes until it can"),
        ("MASTERDOWN", "it is a replica without its master; a quorum needs independent masters"),
        ("LOADING", "it is loading its data"),
        ("BUSY", "a script has been running for too long"),
        ("ERR", "look at how the server is set up"),
    ];

    private static readonly string[] _roles = ["master", "slave", "sentinel"];

    private static readonly string[] _policies =
    [
        "noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-lrm", "allkeys-random",
        "volatile-lru", "volatile-lfu", "volatile-lrm", "volatile-random", "volatile-ttl",
    ];

    /// <summary>Why the answer to SET is not a lock; <c>null</c> if it is one.</summary>
    public static string? RefusalToTake(in RespReply reply) =>
        reply.Type == RespType.SimpleString && reply.Bytes.SequenceEqual("OK"u8) ? null
        : reply.Type == RespType.Error ? $"SET was answered with {Error(reply)}"
        : reply.IsNull ? "SET was answered as if somebody had a key that was made up this moment"
        : "SET was answered with something else than OK";

    /// <summary>Why the answer of a compare-and-act script is not that it acted; <c>null</c> if it is.</summary>
    public static string? RefusalOfScript(string script, in RespReply reply) =>
        reply.Type == RespType.Integer && reply.Integer == 1 ? null
        : reply.Type == RespType.Error ? $"{script} was answered with {Error(reply)}"
        : reply.Type == RespType.Integer
        ? $"{script} did not find what was stored just before: does this node evict keys, or is it a proxy to several?"
        : $"{script} was answered with something else than a number";

    /// <summary>Doubts about a node that grants locks, or <c>null</c>.</summary>
    public static string? ConcernOf(NodeHealth health, bool memoryIsLimited) =>
        health.EvictionPolicy is { } policy && policy != "noeviction" && memoryIsLimited
            ? $"maxmemory-policy {policy} may evict held locks: set noeviction"
        : health.ClockOffset is { } known && known.Duration() > _farOff
            ? string.Create(
                CultureInfo.InvariantCulture, $"its clock is {known.TotalSeconds:+0.0;-0.0} s off: let NTP slew it, never step it")
        : null;

    /// <summary>How far the node's clock is ahead; <c>null</c> if it did not say.</summary>
    public static TimeSpan? ClockOffset(in RespReply time, DateTimeOffset askedAt, DateTimeOffset answeredAt)
    {
        // Seconds and microseconds since 1970, each a bulk string; 32 bits of them last until 2106.
        Span<uint> parts = stackalloc uint[2];
        int count = 0;
        if (time.Count != parts.Length)
        {
            return null;
        }

        foreach (RespReply part in time)
        {
            if (!Utf8Parser.TryParse(part.Bytes, out parts[count++], out int read) || read != part.Bytes.Length)
            {
                return null;
            }
        }

        DateTimeOffset theirs = DateTimeOffset.FromUnixTimeSeconds(parts[0]) + TimeSpan.FromMicroseconds(parts[1]);
        return theirs - (askedAt + ((answeredAt - askedAt) / 2));
    }

    public static string? Role(in RespReply replication) => Known(replication, "role:"u8, _roles);

    public static string? EvictionPolicy(in RespReply memory) => Known(memory, "maxmemory_policy:"u8, _policies);

    /// <summary>Whether anything can be evicted at all; assumed of a node that does not say.</summary>
    public static bool IsMemoryLimited(in RespReply memory) => Known(memory, "maxmemory:"u8, ["0"]) != "0";

    /// <summary>A channel's own words, for a place where its name stands already.</summary>
    public static string WithoutName(string name, string words) =>
        words.StartsWith($"{name}: ", StringComparison.Ordinal) ? words[(name.Length + 2)..] : words;

    private static string Error(in RespReply error)
    {
        if (error.Bytes.StartsWith("ERR unknown command"u8))
        {
            return "the error ERR: it does not know the command (a Sentinel, or a renamed command?)";
        }

        int space = error.Bytes.IndexOf((byte)' ');
        ReadOnlySpan<byte> first = space < 0 ? error.Bytes : error.Bytes[..space];
        foreach ((string code, string advice) in _codes)
        {
            if (System.Text.Ascii.Equals(first, code))
            {
                return $"the error {code}: {advice}";
            }
        }

        return "an error";
    }

    /// <summary>The value of a field of INFO, if it is there; what a server made up is not quoted.</summary>
    private static string? Known(in RespReply info, ReadOnlySpan<byte> name, ReadOnlySpan<string> values)
    {
        ReadOnlySpan<byte> rest = info.Type == RespType.BulkString ? info.Bytes : default;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = (end < 0 ? rest : rest[..end]).TrimEnd((byte)'\r');
            rest = end < 0 ? default : rest[(end + 1)..];
            if (!line.StartsWith(name))
            {
                continue;
            }

            foreach (string value in values)
            {
                if (System.Text.Ascii.Equals(line[name.Length..], value))
                {
                    return value;
                }
            }

            return "not a known one";
        }

        return null;
    }
}
