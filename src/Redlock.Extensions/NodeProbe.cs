using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>Asks one node how it is.</summary>
internal static class NodeProbe
{
    // Wall clocks do not decide who holds a lock; one so far off is a sign that nobody sets it, and it may be set with a jump.
    private static readonly TimeSpan _farOff = TimeSpan.FromSeconds(1);

    // What a page shows of a server's words: what it made up could be anything, the password included, so only these are shown.
    private static readonly string[] _codes = ["BUSY", "ERR", "LOADING", "MASTERDOWN", "MISCONF", "NOAUTH", "NOPERM", "OOM"];

    private static readonly string[] _roles = ["master", "slave", "sentinel"];

    private static readonly string[] _policies =
    [
        "noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-lrm", "allkeys-random",
        "volatile-lru", "volatile-lfu", "volatile-lrm", "volatile-random", "volatile-ttl",
    ];

    public static async Task<NodeHealth> AskAsync(RespNode node, CancellationToken cancellationToken)
    {
        if (!node.IsConnected)
        {
            return new NodeHealth(node.Name, node.LastError ?? "not connected yet");
        }

        NodeHealth health = new(node.Name, Concern: null);
        try
        {
            long start = node.Time.GetTimestamp();
            RespValue pong = await node.SendAsync("PING").WaitAsync(cancellationToken).ConfigureAwait(false);
            if (pong.IsError || pong.AsString() != "PONG")
            {
                return health with { Concern = $"PING was answered with {Kind(pong)}" };
            }

            health = health with { Answers = true, Latency = node.Time.GetElapsedTime(start) };
            health = health with { ClockOffset = await AskClockAsync(node, cancellationToken).ConfigureAwait(false) };
            string replication = await AskInfoAsync(node, "replication", cancellationToken).ConfigureAwait(false);
            string memory = await AskInfoAsync(node, "memory", cancellationToken).ConfigureAwait(false);
            health = health with { Role = Known(replication, "role:", _roles), EvictionPolicy = Known(memory, "maxmemory_policy:", _policies) };
            return health with { Concern = ConcernOf(health, Known(memory, "maxmemory:", ["0"])) };
        }
        catch (RespRequestException failure)
        {
            return health with { Concern = failure.Message };
        }
        catch (OperationCanceledException)
        {
            return health with
            {
                Concern = health.Answers ? "it answered PING, and not TIME and INFO within the time of the check" : "no answer within the time of the check",
            };
        }
    }

    private static string? ConcernOf(NodeHealth health, string? limit) =>
        health.Role is { } role && role != "master" ? $"its role is {role}: a quorum needs independent masters"
        : health.EvictionPolicy is { } policy && policy != "noeviction" && limit != "0" ? $"maxmemory-policy {policy} may evict held locks: set noeviction"
        : health.ClockOffset is { } known && known.Duration() > _farOff ? $"its clock is {known.TotalSeconds:+0.0;-0.0} s off: let NTP slew it, never step it"
        : null;

    private static async Task<TimeSpan?> AskClockAsync(RespNode node, CancellationToken cancellationToken)
    {
        DateTimeOffset before = TimeProvider.System.GetUtcNow();
        RespValue reply = await node.SendAsync("TIME").WaitAsync(cancellationToken).ConfigureAwait(false);
        DateTimeOffset after = TimeProvider.System.GetUtcNow();

        // Seconds and microseconds since 1970, each a bulk string; 32 bits of them last until 2106.
        if (reply.IsError || reply.Items.Count != 2
            || !uint.TryParse(reply.Items[0].AsString(), NumberStyles.None, CultureInfo.InvariantCulture, out uint seconds)
            || !uint.TryParse(reply.Items[1].AsString(), NumberStyles.None, CultureInfo.InvariantCulture, out uint microseconds))
        {
            return null;
        }

        DateTimeOffset theirs = DateTimeOffset.FromUnixTimeSeconds(seconds) + TimeSpan.FromMicroseconds(microseconds);
        return theirs - (before + ((after - before) / 2));
    }

    private static async Task<string> AskInfoAsync(RespNode node, string section, CancellationToken cancellationToken)
    {
        RespValue reply = await node.SendAsync("INFO", section).WaitAsync(cancellationToken).ConfigureAwait(false);
        return reply.IsError ? string.Empty : reply.AsString() ?? string.Empty;
    }

    private static string Kind(RespValue reply)
    {
        string text = reply.AsString() ?? string.Empty;
        int code = reply.IsError ? Array.IndexOf(_codes, text.Split(' ', 2)[0]) : -1;
        return code >= 0 ? $"the error {_codes[code]}" : reply.IsError ? "an error" : "something else than PONG";
    }

    /// <summary>The value of a field, if it is there; what a server made up is not quoted.</summary>
    private static string? Known(string info, string name, ReadOnlySpan<string> values)
    {
        foreach (ReadOnlySpan<char> line in info.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
            {
                foreach (string value in values)
                {
                    if (line[name.Length..].SequenceEqual(value))
                    {
                        return value;
                    }
                }

                return "not a known one";
            }
        }

        return null;
    }
}
