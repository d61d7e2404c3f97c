using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>Asks one node how it is.</summary>
internal static class NodeProbe
{
    // Wall clocks do not decide who holds a lock; one so far off is a sign that nobody sets it, and it may be set with a jump.
    private static readonly TimeSpan _farOff = TimeSpan.FromSeconds(1);

    public static async Task<NodeHealth> AskAsync(RespNode node, CancellationToken cancellationToken)
    {
        if (!node.IsConnected)
        {
            return new NodeHealth(node.Name, node.LastError ?? "not connected yet");
        }

        try
        {
            long start = node.Time.GetTimestamp();
            RespValue pong = await node.SendAsync("PING").WaitAsync(cancellationToken).ConfigureAwait(false);
            TimeSpan latency = node.Time.GetElapsedTime(start);
            if (pong.IsError)
            {
                return new NodeHealth(node.Name, $"PING was answered with an error: {node.Excerpt(pong.Bytes.Span)}");
            }

            TimeSpan? offset = await AskClockAsync(node, cancellationToken).ConfigureAwait(false);
            string replication = await AskInfoAsync(node, "replication", cancellationToken).ConfigureAwait(false);
            string memory = await AskInfoAsync(node, "memory", cancellationToken).ConfigureAwait(false);
            string? role = Field(replication, "role:");
            string? policy = Field(memory, "maxmemory_policy:");
            return new NodeHealth(node.Name, Concern(node, offset, role, policy, Field(memory, "maxmemory:")))
            {
                Answers = true,
                Latency = latency,
                ClockOffset = offset,
                Role = Shown(node, role),
                EvictionPolicy = Shown(node, policy),
            };
        }
        catch (RespRequestException failure)
        {
            return new NodeHealth(node.Name, failure.Message);
        }
        catch (OperationCanceledException)
        {
            return new NodeHealth(node.Name, "no answer within the time of the check");
        }
    }

    private static string? Concern(RespNode node, TimeSpan? offset, string? role, string? policy, string? limit) =>
        role is not null && role != "master" ? $"its role is {Shown(node, role)}: a quorum needs independent masters"
        : policy is not null && policy != "noeviction" && limit != "0" ? $"maxmemory-policy {Shown(node, policy)} may evict held locks: set noeviction"
        : offset is { } known && known.Duration() > _farOff ? $"its clock is {known.TotalSeconds:+0.0;-0.0} s off: let NTP slew it, never step it"
        : null;

    [return: NotNullIfNotNull(nameof(text))]
    private static string? Shown(RespNode node, string? text) => text is null ? null : node.Excerpt(Encoding.UTF8.GetBytes(text));

    private static async Task<TimeSpan?> AskClockAsync(RespNode node, CancellationToken cancellationToken)
    {
        DateTimeOffset before = TimeProvider.System.GetUtcNow();
        RespValue reply = await node.SendAsync("TIME").WaitAsync(cancellationToken).ConfigureAwait(false);
        DateTimeOffset after = TimeProvider.System.GetUtcNow();

        // Seconds and microseconds since 1970, each a bulk string.
        if (reply.IsError || reply.Items.Count != 2
            || !long.TryParse(reply.Items[0].AsString(), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            || !long.TryParse(reply.Items[1].AsString(), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds))
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

    private static string? Field(string info, string name)
    {
        foreach (ReadOnlySpan<char> line in info.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
            {
                return line[name.Length..].ToString();
            }
        }

        return null;
    }
}
