using System.Globalization;

namespace Redlock.Fast.Quickstart;

/// <summary>Times as people read them.</summary>
internal static class Show
{
    public static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s");

    public static string Milliseconds(TimeSpan? time) => time is { } known
        ? string.Create(CultureInfo.InvariantCulture, $"{known.TotalMilliseconds:0.00} ms")
        : "-";
}
