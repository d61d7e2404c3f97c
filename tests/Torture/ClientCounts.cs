using System.Globalization;

namespace Redlock.Fast.Torture;

/// <summary>How the calls of a client ended.</summary>
internal readonly record struct ClientCounts(long Acquired, long Contended, long Unavailable, long Cancelled, long Extended, long Lost)
{
    public static ClientCounts operator +(ClientCounts one, ClientCounts other) => new(
        one.Acquired + other.Acquired,
        one.Contended + other.Contended,
        one.Unavailable + other.Unavailable,
        one.Cancelled + other.Cancelled,
        one.Extended + other.Extended,
        one.Lost + other.Lost);

    public static ClientCounts Parse(string line)
    {
        long[] counts = Array.ConvertAll(line.Trim().Split(' '), word => long.Parse(word, CultureInfo.InvariantCulture));
        return new ClientCounts(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]);
    }

    public string ToLine() =>
        string.Create(CultureInfo.InvariantCulture, $"{Acquired} {Contended} {Unavailable} {Cancelled} {Extended} {Lost}");
}
