using System.Globalization;

namespace Redlock.Fast.Torture;

/// <summary>What one life of a client process wrote down.</summary>
/// <param name="Claims">What its holders relied on.</param>
/// <param name="Waits">Its calls that waited.</param>
/// <param name="Stalls">When it had no processor, or was stopped.</param>
/// <param name="Ends">How many calls ended how.</param>
/// <param name="HandedOn">How many names a holder of it gave to one of its waiters while it sent the release: each is a succession.</param>
internal sealed record History(
    IReadOnlyList<Claim> Claims,
    IReadOnlyList<Wait> Waits,
    IReadOnlyList<Stretch> Stalls,
    IReadOnlyDictionary<CallEnd, long> Ends,
    int HandedOn)
{
    /// <param name="lines">As <see cref="HistoryLog"/> writes them.</param>
    /// <param name="endTicks">When the process ended, if it did not end by itself.</param>
    public static History Read(IEnumerable<string> lines, long endTicks = long.MaxValue)
    {
        List<Claim> claims = [];
        List<Stretch> stalls = [];
        long latestBeat = 0;
        Dictionary<string, (long StartTicks, long SentTicks)> releases = [];
        Dictionary<string, Wait> waits = [];
        Dictionary<CallEnd, long> ends = [];
        foreach (string line in lines)
        {
            string[] words = line.Split(' ');
            switch (words)
            {
                case ["claim", var kind, var name, var owner, var start, var handOver, var deadline, var nodes]:
                    claims.Add(new Claim(
                        name, owner, Enum.Parse<ClaimKind>(kind), Number(start), Number(handOver), Number(deadline), (uint)Number(nodes)));
                    break;
                case ["release", var owner, var ticks]:
                    releases.TryAdd(owner, (Number(ticks), 0));
                    break;
                case ["sent", var owner, var ticks]:
                    releases[owner] = releases[owner] with { SentTicks = Number(ticks) };
                    break;
                case ["wait", var number, var name, var start, var bound]:
                    waits.Add(number, new Wait(name, Number(start), Number(bound), endTicks, null));
                    break;
                case ["waited", var number, var end, var how]:
                    waits[number] = waits[number] with { EndTicks = Number(end), End = Enum.Parse<CallEnd>(how) };
                    break;
                case ["end", var how]:
                    ends[Enum.Parse<CallEnd>(how)] = ends.GetValueOrDefault(Enum.Parse<CallEnd>(how)) + 1;
                    break;
                case ["stall", var start, var end]:
                    stalls.Add(new Stretch(Number(start), Number(end)));
                    break;
                case ["beat", var ticks]:
                    latestBeat = Number(ticks);
                    break;
                default:
                    throw new FormatException($"A line of a history is of no known kind: '{line}'.");
            }
        }

        if (endTicks != long.MaxValue)
        {
            // Killed while it had no processor, perhaps.
            stalls.Add(new Stretch(latestBeat, endTicks));
        }

        int handedOn = claims.GroupBy(claim => claim.Name).Sum(name => CountHandedOn([.. name], releases));
        claims = claims.ConvertAll(claim =>
            releases.TryGetValue(claim.Owner, out (long StartTicks, long SentTicks) release) && release.StartTicks < claim.EndTicks
                ? claim with { EndTicks = release.StartTicks }
                : claim);
        return new History(claims, [.. waits.Values], stalls, ends, handedOn);
    }

    /// <summary>For how much of a time it had no processor, or was stopped.</summary>
    public TimeSpan Stalled(long startTicks, long endTicks) =>
        Stalls.Aggregate(TimeSpan.Zero, (sum, stall) => sum + stall.Common(startTicks, endTicks));

    /// <summary>For how much of a time it went on.</summary>
    public TimeSpan Went(long startTicks, long endTicks) => Stretch.Between(startTicks, endTicks) - Stalled(startTicks, endTicks);

    private static int CountHandedOn(List<Claim> claims, Dictionary<string, (long StartTicks, long SentTicks)> releases)
    {
        int handedOn = 0;
        long sentTicks = long.MinValue;

        // A successor's attempt begins while its predecessor's release is being sent.
        IEnumerable<(long Ticks, long SentTicks)> steps = claims
            .Where(claim => claim.Kind == ClaimKind.Acquired && releases.ContainsKey(claim.Owner))
            .Select(claim => releases[claim.Owner])
            .Concat(claims.Where(claim => claim.Kind == ClaimKind.Acquired).Select(claim => (claim.StartTicks, -1L)));
        foreach ((long ticks, long sent) in steps.OrderBy(step => step.Ticks))
        {
            handedOn += sent < 0 && ticks <= sentTicks ? 1 : 0;
            sentTicks = sent < 0 ? sentTicks : sent;
        }

        return handedOn;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
