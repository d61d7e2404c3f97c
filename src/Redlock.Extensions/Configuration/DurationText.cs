using System.Globalization;

namespace Redlock.Fast.Extensions;

/// <summary>Durations as a configuration writes them: <c>00:00:05</c>, or a number with its unit such as <c>5s</c>.</summary>
internal static class DurationText
{
    private const string Infinite = "infinite";

    private static readonly (string Unit, TimeSpan Length)[] _units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>A number without a unit is none: people take it for seconds or milliseconds, and .NET for days.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration);
        }

        foreach ((string unit, TimeSpan length) in _units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase) && TryMultiply(text[..^unit.Length], length, out duration))
            {
                return true;
            }
        }

        duration = default;
        return false;
    }

    /// <summary>The same where there may be no bound.</summary>
    public static bool TryParseBound(string text, out TimeSpan duration)
    {
        if (text.Equals(Infinite, StringComparison.OrdinalIgnoreCase))
        {
            duration = Timeout.InfiniteTimeSpan;
            return true;
        }

        return TryParse(text, out duration);
    }

    private static bool TryMultiply(string number, TimeSpan length, out TimeSpan duration)
    {
        duration = default;
        const NumberStyles style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite;
        if (!decimal.TryParse(number, style, CultureInfo.InvariantCulture, out decimal count)
            || Math.Abs(count) > TimeSpan.MaxValue.Ticks / length.Ticks)
        {
            return false;
        }

        duration = TimeSpan.FromTicks((long)(count * length.Ticks));
        return true;
    }
}
