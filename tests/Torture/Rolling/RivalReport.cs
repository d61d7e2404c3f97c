using System.Globalization;

namespace Redlock.Fast.Torture;

/// <summary>What a process has seen that wanted what another one kept.</summary>
/// <param name="Attempts">How many were in vain.</param>
/// <param name="Locks">Those that it was given: when it was told, and the fencing token.</param>
internal sealed record RivalReport(int Attempts, IReadOnlyList<(long Ticks, long FencingToken)> Locks)
{
    public static RivalReport Parse(string output)
    {
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new RivalReport(int.Parse(lines[^1], CultureInfo.InvariantCulture), Array.ConvertAll(lines[..^1], ParseLock));
    }

    /// <summary>What is wrong, for people.</summary>
    /// <param name="released">Read before the release was sent.</param>
    /// <param name="fencingToken">The keeper's.</param>
    public IEnumerable<string> Check(long released, long fencingToken)
    {
        if (Attempts == 0 || Locks.Count == 0)
        {
            yield return $"Somebody who wanted the lock tried {Attempts} times in vain, and had it {Locks.Count} times behind the release.";
        }

        foreach ((long ticks, long token) in Locks)
        {
            if (ticks < released)
            {
                yield return $"Somebody was given the lock at {ticks} ns while it was kept; it was released at {released} ns.";
            }

            if (token <= fencingToken)
            {
                yield return $"Somebody was given the fencing token {token} behind {fencingToken}.";
            }
        }
    }

    private static (long Ticks, long FencingToken) ParseLock(string line)
    {
        string[] words = line.Split(' ');
        return (long.Parse(words[0], CultureInfo.InvariantCulture), long.Parse(words[1], CultureInfo.InvariantCulture));
    }
}
