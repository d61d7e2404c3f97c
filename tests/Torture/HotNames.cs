namespace Redlock.Fast.Torture;

/// <summary>The names that clients want, and how long they are held without a word.</summary>
internal static class HotNames
{
    /// <summary>For which everybody waits, so that whoever is forgotten in a line is not helped by those who only try.</summary>
    public const string Line = "line-0";

    /// <summary>Between two tries of those who wait for <see cref="Line"/>.</summary>
    public static readonly TimeSpan LineDelay = TimeSpan.FromMilliseconds(200);

    public static readonly TimeSpan LongestExpiry = TimeSpan.FromSeconds(2);

    /// <summary>In the order of their lengths.</summary>
    public static readonly IReadOnlyList<TimeSpan> Expiries = [TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(1), LongestExpiry];

    /// <summary>Of <see cref="Line"/>: short, so that a key without a holder does not hide for long that a line sleeps.</summary>
    public static readonly IReadOnlyList<TimeSpan> LineExpiries = [TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(1)];

    public static string Of(int number) => $"hot-{number}";
}
