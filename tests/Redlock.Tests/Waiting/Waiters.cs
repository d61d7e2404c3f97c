using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

/// <summary>Waiters that do not poll: whatever ends their wait within a test is a wake or a succession.</summary>
internal static class Waiters
{
    public static readonly TimeSpan Hours = TimeSpan.FromHours(5);

    public static MutexOptions Unpolled { get; } = MutexOptions.Blocking with
    {
        Expiry = TimeSpan.FromHours(1),
        NodeTimeLimit = Eventually.Patience,
        Delay = Hours,
    };

    public static string MarkOf(string name) => $"{{{name}}}:waiting";

    /// <summary>
    /// Waits until a lock stands on all nodes: on one that is asked later than by whoever comes next, it would never stand.
    /// </summary>
    public static Task HeldByAllAsync(this RedlockFactory factory, string name) => Eventually.Holds(
        async () => (await factory.AskAllAsync("EXISTS", name)).All(reply => reply.Integer == 1), $"{name} stands on all nodes");

    /// <summary>Waits until a node knows that somebody waits: he hears from then on, or is about to look again.</summary>
    public static Task MarkedAsync(this RedlockFactory factory, string name) => Eventually.Holds(
        async () => (await factory.AskAllAsync("EXISTS", MarkOf(name))).Any(reply => reply.Integer == 1), $"a node has the mark of {name}");

    /// <summary>Waits until nobody is about to look again: the nodes were asked nothing for several looks on end.</summary>
    public static async Task QuietAsync(this RedlockFactory factory)
    {
        const int LooksOnEnd = 60;
        long before = -1;
        int same = 0;
        await Eventually.Holds(
            async () =>
            {
                long attempts = await factory.AttemptsAsync();
                same = attempts == before ? same + 1 : 0;
                before = attempts;
                return same == LooksOnEnd;
            },
            "nobody asks any more");
    }

    /// <summary>Waits until so many callers of a factory wait.</summary>
    public static Task InLineAsync(this RedlockFactory factory, int waiters) =>
        Eventually.Holds(() => factory.Waiters == waiters, $"{waiters} callers wait");

    /// <summary>How many attempts all nodes have executed.</summary>
    public static async Task<long> AttemptsAsync(this RedlockFactory factory) =>
        await factory.CallsAsync("set") + await factory.CallsAsync("evalsha") + await factory.CallsAsync("eval");

    /// <summary>How often all nodes have executed a command.</summary>
    public static async Task<long> CallsAsync(this RedlockFactory factory, string command)
    {
        long calls = 0;
        foreach (RespValue info in await factory.AskAllAsync("INFO", "commandstats"))
        {
            string start = $"cmdstat_{command}:calls=";
            string? line = info.AsString()!.Split("\r\n").FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal));
            calls += line is null ? 0 : long.Parse(line[start.Length..line.IndexOf(',')], CultureInfo.InvariantCulture);
        }

        return calls;
    }
}
