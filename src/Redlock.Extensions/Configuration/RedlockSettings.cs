using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Redlock.Fast.Extensions;

/// <summary>
/// Reads a section of the configuration into options. What it does not know or can't read is noted, and refused when the host starts.
/// </summary>
internal sealed class RedlockSettings
{
    private const string Known = "Nodes, User, Password, ClientName, StartTimeLimit, StopTimeLimit, KeptAtStop, Defaults";
    private const string KnownDefaults = "Expiry, Tries, Delay, Factor, Quorum, NodeTimeLimit, KeyPrefix, Continuation, Release, "
        + "Fenced, FenceLife, RenewFraction, MaxHoldTime";

    // Who hands over the wrong section wants no page of it.
    private const int MostUnknown = 8;

    private readonly RedlockServiceOptions _options;
    private int _unknown;

    private RedlockSettings(RedlockServiceOptions options) => _options = options;

    public static void Read(IConfiguration section, RedlockServiceOptions options)
    {
        RedlockSettings settings = new(options);
        foreach (IConfigurationSection setting in section.GetChildren())
        {
            settings.Read(setting);
        }
    }

    private void Read(IConfigurationSection setting)
    {
        switch (setting.Key.ToUpperInvariant())
        {
            case "NODES":
                ReadNodes(setting);
                break;
            case "USER":
                _options.User = Text(setting) ?? _options.User;
                break;
            case "PASSWORD":
                _options.Password = Text(setting) ?? _options.Password;
                break;
            case "CLIENTNAME":
                _options.ClientName = Text(setting) ?? _options.ClientName;
                break;
            case "STARTTIMELIMIT":
                _options.StartTimeLimit = Duration(setting, setting.Key) ?? _options.StartTimeLimit;
                break;
            case "STOPTIMELIMIT":
                _options.StopTimeLimit = Duration(setting, setting.Key) ?? _options.StopTimeLimit;
                break;
            case "KEPTATSTOP":
                _options.KeptAtStop = Named<KeptAtStop>(setting, setting.Key) ?? _options.KeptAtStop;
                break;
            case "DEFAULTS":
                ReadDefaults(setting);
                break;

            // Several quorums may be described below one section, each in a section of its own.
            case var _ when !setting.GetSection(nameof(RedlockServiceOptions.Nodes)).Exists():
                NoteUnknown(setting.Key, Known);
                break;
        }
    }

    // A list, or one value for one node: what an environment variable without an index gives.
    private void ReadNodes(IConfigurationSection nodes)
    {
        if (Text(nodes) is { Length: > 0 } only)
        {
            _options.Nodes.Add(only);
        }

        foreach (IConfigurationSection node in nodes.GetChildren())
        {
            _options.Nodes.Add(Text(node) ?? string.Empty);
        }
    }

    private void ReadDefaults(IConfigurationSection section)
    {
        RedlockDefaults defaults = _options.Defaults ??= new RedlockDefaults();
        foreach (IConfigurationSection setting in section.GetChildren())
        {
            string name = $"{section.Key}:{setting.Key}";
            switch (setting.Key.ToUpperInvariant())
            {
                case "EXPIRY":
                    defaults.Expiry = Duration(setting, name) ?? defaults.Expiry;
                    break;
                case "TRIES":
                    defaults.Tries = WholeNumber(setting, name) ?? defaults.Tries;
                    break;
                case "DELAY":
                    defaults.Delay = Duration(setting, name) ?? defaults.Delay;
                    break;
                case "FACTOR":
                    defaults.Factor = Number(setting, name) ?? defaults.Factor;
                    break;
                case "QUORUM":
                    defaults.Quorum = WholeNumber(setting, name) ?? defaults.Quorum;
                    break;
                case "NODETIMELIMIT":
                    defaults.NodeTimeLimit = Duration(setting, name) ?? defaults.NodeTimeLimit;
                    break;
                case "KEYPREFIX":
                    defaults.KeyPrefix = Text(setting) ?? defaults.KeyPrefix;
                    break;
                case "CONTINUATION":
                    defaults.Continuation = Named<ContinuationMode>(setting, name) ?? defaults.Continuation;
                    break;
                case "RELEASE":
                    defaults.Release = Named<ReleaseMode>(setting, name) ?? defaults.Release;
                    break;
                case "FENCED":
                    defaults.Fenced = YesOrNo(setting, name) ?? defaults.Fenced;
                    break;
                case "FENCELIFE":
                    defaults.FenceLife = Duration(setting, name) ?? defaults.FenceLife;
                    break;
                case "RENEWFRACTION":
                    defaults.RenewFraction = Number(setting, name) ?? defaults.RenewFraction;
                    break;
                case "MAXHOLDTIME":
                    defaults.MaxHoldTime = Duration(setting, name) ?? defaults.MaxHoldTime;
                    break;
                default:
                    NoteUnknown(name, KnownDefaults);
                    break;
            }
        }
    }

    private void NoteUnknown(string name, string known)
    {
        if (++_unknown <= MostUnknown)
        {
            Note($"there is no setting {Shown(name)}; known are {known}.");
        }
        else if (_unknown == MostUnknown + 1)
        {
            Note("there are more settings that are not known: is this the section that describes the nodes?");
        }
    }

    private void Note(string problem) => _options.Problems.Add(problem);

    // A file that keeps a secret ends in a line break.
    private static string? Text(IConfigurationSection setting) => setting.Value?.TrimEnd('\r', '\n');

    private bool? YesOrNo(IConfigurationSection setting, string name)
    {
        if (Text(setting) is not { Length: > 0 } text)
        {
            return null;
        }

        if (bool.TryParse(text, out bool value))
        {
            return value;
        }

        Note($"{Shown(name)} is '{Shown(text)}' and must be true or false.");
        return null;
    }

    private TimeSpan? Duration(IConfigurationSection setting, string name)
    {
        if (Text(setting) is not { Length: > 0 } text)
        {
            return null;
        }

        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan duration)
            && (text.Contains(':', StringComparison.Ordinal) || duration == TimeSpan.Zero))
        {
            return duration;
        }

        Note(
            $"{Shown(name)} is '{Shown(text)}'; write hours:minutes:seconds, such as 00:00:10 for ten seconds or 00:00:00.250, or days in "
                + "front of it, such as 1.00:00:00. A bare number would be days.");
        return null;
    }

    private int? WholeNumber(IConfigurationSection setting, string name)
    {
        if (Text(setting) is not { Length: > 0 } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number))
        {
            return number;
        }

        Note($"{Shown(name)} is '{Shown(text)}' and must be a whole number.");
        return null;
    }

    private double? Number(IConfigurationSection setting, string name)
    {
        if (Text(setting) is not { Length: > 0 } text)
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
        {
            return number;
        }

        Note($"{Shown(name)} is '{Shown(text)}' and must be a number with a point, such as 0.33.");
        return null;
    }

    private TValue? Named<TValue>(IConfigurationSection setting, string name)
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

        Note($"{Shown(name)} is '{Shown(text)}' and must be one of {string.Join(", ", Enum.GetNames<TValue>())}.");
        return null;
    }

    // Enough to find it again; somebody else's text is no line of a log.
    private static string Shown(string text)
    {
        const int longest = 60;
        char[] shown = text[..Math.Min(text.Length, longest)].ToCharArray();
        for (int place = 0; place < shown.Length; place++)
        {
            shown[place] = shown[place] is >= ' ' and < (char)0x7F ? shown[place] : '?';
        }

        return text.Length > longest ? $"{new string(shown)}..." : new string(shown);
    }
}
