using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Redlock.Fast.Extensions;

/// <summary>Reads one value of a configuration at a time, and notes by its path what can't be read.</summary>
internal sealed class SettingReader(List<string> problems)
{
    public void Note(string problem) => problems.Add(problem);

    /// <summary>The value, or <c>null</c> if there is none. A file that keeps a secret ends in a line break.</summary>
    public string? Text(IConfigurationSection setting)
    {
        if (setting.Value is null)
        {
            foreach (IConfigurationSection below in setting.GetChildren())
            {
                Note($"{Shown(setting.Path)} must be one value, and has {Shown(below.Key)} below it.");
                break;
            }
        }

        return setting.Value?.TrimEnd('\r', '\n');
    }

    public TimeSpan? Duration(IConfigurationSection setting)
    {
        if (Text(setting) is not { Length: > 0 } text)
        {
            return null;
        }

        return DurationText.TryParse(text, out TimeSpan duration) ? duration : NoDuration(setting, text, string.Empty);
    }

    public TimeSpan? DurationOrInfinite(IConfigurationSection setting)
    {
        if (Text(setting) is not { Length: > 0 } text)
        {
            return null;
        }

        return DurationText.TryParseBound(text, out TimeSpan duration) ? duration : NoDuration(setting, text, ", or 'infinite'");
    }

    public int? WholeNumber(IConfigurationSection setting)
    {
        if (Text(setting) is not { Length: > 0 } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number))
        {
            return number;
        }

        Note($"{Shown(setting.Path)} is '{Shown(text)}' and must be a whole number.");
        return null;
    }

    public double? Number(IConfigurationSection setting)
    {
        if (Text(setting) is not { Length: > 0 } text)
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
        {
            return number;
        }

        Note($"{Shown(setting.Path)} is '{Shown(text)}' and must be a number with a point, such as 0.33.");
        return null;
    }

    public bool? Truth(IConfigurationSection setting)
    {
        if (Text(setting) is not { Length: > 0 } text)
        {
            return null;
        }

        if (bool.TryParse(text, out bool isTrue))
        {
            return isTrue;
        }

        Note($"{Shown(setting.Path)} is '{Shown(text)}' and must be true or false.");
        return null;
    }

    public TValue? Named<TValue>(IConfigurationSection setting)
        where TValue : struct, Enum
    {
        if (Text(setting) is not { Length: > 0 } text)
        {
            return null;
        }

        if (!char.IsAsciiDigit(text[0]) && Enum.TryParse(text, ignoreCase: true, out TValue value) && Enum.IsDefined(value))
        {
            return value;
        }

        Note($"{Shown(setting.Path)} is '{Shown(text)}' and must be one of {string.Join(", ", Enum.GetNames<TValue>())}.");
        return null;
    }

    /// <summary>Enough to find it again; somebody else's text is no line of a log.</summary>
    public static string Shown(string text)
    {
        const int longest = 60;
        char[] shown = text[..Math.Min(text.Length, longest)].ToCharArray();
        for (int place = 0; place < shown.Length; place++)
        {
            shown[place] = shown[place] is >= ' ' and < (char)0x7F ? shown[place] : '?';
        }

        return text.Length > longest ? $"{new string(shown)}..." : new string(shown);
    }

    private TimeSpan? NoDuration(IConfigurationSection setting, string text, string also)
    {
        Note(
            $"{Shown(setting.Path)} is '{Shown(text)}'; write a number with its unit (ms, s, m, h or d), such as 5s or 250ms, or "
                + $"hours:minutes:seconds, such as 00:00:05{also}. A number alone does not say of what.");
        return null;
    }
}
