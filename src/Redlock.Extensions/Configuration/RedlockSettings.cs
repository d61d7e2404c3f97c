using Microsoft.Extensions.Configuration;

namespace Redlock.Fast.Extensions;

/// <summary>
/// Reads a section of the configuration into options. What it does not know or can't read is noted, and refused when the host starts.
/// </summary>
internal sealed class RedlockSettings
{
    // Who hands over the wrong section wants no page of it.
    private const int MostUnknown = 8;

    private static readonly Dictionary<string, Action<SettingReader, IConfigurationSection, RedlockServiceOptions>> _known =
        new(StringComparer.OrdinalIgnoreCase)
        {
            ["Nodes"] = ReadNodes,
            ["User"] = static (reader, setting, options) => options.User = reader.Text(setting) ?? options.User,
            ["Password"] = static (reader, setting, options) => options.Password = reader.Text(setting) ?? options.Password,
            ["ClientName"] = static (reader, setting, options) => options.ClientName = reader.Text(setting) ?? options.ClientName,
            ["StartTimeLimit"] = static (reader, setting, options) =>
                options.StartTimeLimit = reader.Duration(setting) ?? options.StartTimeLimit,
            ["StopTimeLimit"] = static (reader, setting, options) =>
                options.StopTimeLimit = reader.Duration(setting) ?? options.StopTimeLimit,
            ["KeptAtStop"] = static (reader, setting, options) =>
                options.KeptAtStop = reader.Named<KeptAtStop>(setting) ?? options.KeptAtStop,
            ["RestartQuarantine"] = static (reader, setting, options) =>
                options.RestartQuarantine = reader.Duration(setting) ?? options.RestartQuarantine,
            ["Wakes"] = static (reader, setting, options) => options.Wakes = reader.Truth(setting) ?? options.Wakes,
            ["DisableHealthChecks"] = static (reader, setting, options) =>
                options.DisableHealthChecks = reader.Truth(setting) ?? options.DisableHealthChecks,
            ["DisableTracing"] = static (reader, setting, options) =>
                options.DisableTracing = reader.Truth(setting) ?? options.DisableTracing,
            ["DisableMetrics"] = static (reader, setting, options) =>
                options.DisableMetrics = reader.Truth(setting) ?? options.DisableMetrics,
        };

    private static readonly Dictionary<string, Action<SettingReader, IConfigurationSection, RedlockDefaults>> _knownDefaults =
        new(StringComparer.OrdinalIgnoreCase)
        {
            ["Expiry"] = static (reader, setting, defaults) => defaults.Expiry = reader.Duration(setting) ?? defaults.Expiry,
            ["Tries"] = static (reader, setting, defaults) => defaults.Tries = reader.WholeNumber(setting) ?? defaults.Tries,
            ["Delay"] = static (reader, setting, defaults) => defaults.Delay = reader.Duration(setting) ?? defaults.Delay,
            ["WaitLimit"] = static (reader, setting, defaults) =>
                defaults.WaitLimit = reader.DurationOrInfinite(setting) ?? defaults.WaitLimit,
            ["SuccessionLimit"] = static (reader, setting, defaults) =>
                defaults.SuccessionLimit = reader.WholeNumber(setting) ?? defaults.SuccessionLimit,
            ["Factor"] = static (reader, setting, defaults) => defaults.Factor = reader.Number(setting) ?? defaults.Factor,
            ["Quorum"] = static (reader, setting, defaults) => defaults.Quorum = reader.WholeNumber(setting) ?? defaults.Quorum,
            ["NodeTimeLimit"] = static (reader, setting, defaults) =>
                defaults.NodeTimeLimit = reader.Duration(setting) ?? defaults.NodeTimeLimit,
            ["KeyPrefix"] = static (reader, setting, defaults) => defaults.KeyPrefix = reader.Text(setting) ?? defaults.KeyPrefix,
            ["Continuation"] = static (reader, setting, defaults) =>
                defaults.Continuation = reader.Named<ContinuationMode>(setting) ?? defaults.Continuation,
            ["Release"] = static (reader, setting, defaults) =>
                defaults.Release = reader.Named<ReleaseMode>(setting) ?? defaults.Release,
            ["Fenced"] = static (reader, setting, defaults) => defaults.Fenced = reader.Truth(setting) ?? defaults.Fenced,
            ["FenceLife"] = static (reader, setting, defaults) => defaults.FenceLife = reader.Duration(setting) ?? defaults.FenceLife,
            ["RenewFraction"] = static (reader, setting, defaults) =>
                defaults.RenewFraction = reader.Number(setting) ?? defaults.RenewFraction,
            ["MaxHoldTime"] = static (reader, setting, defaults) =>
                defaults.MaxHoldTime = reader.DurationOrInfinite(setting) ?? defaults.MaxHoldTime,
        };

    private readonly RedlockServiceOptions _options;
    private readonly SettingReader _reader;
    private int _unknown;

    private RedlockSettings(RedlockServiceOptions options)
    {
        _options = options;
        _reader = new SettingReader(options.Problems);
    }

    /// <summary>The settings of a quorum, those of <c>Defaults</c> as <c>Defaults:Expiry</c>.</summary>
    internal static IEnumerable<string> Known
    {
        get
        {
            foreach (string name in _known.Keys)
            {
                yield return name;
            }

            foreach (string name in _knownDefaults.Keys)
            {
                yield return $"{nameof(RedlockServiceOptions.Defaults)}:{name}";
            }
        }
    }

    public static void Read(IConfiguration section, RedlockServiceOptions options) => Read(section, options, []);

    /// <param name="section">Where the settings stand.</param>
    /// <param name="options">What they are read into.</param>
    /// <param name="others">The sections below it that describe other quorums.</param>
    public static void Read(IConfiguration section, RedlockServiceOptions options, IReadOnlyCollection<string> others)
    {
        options.Path = (section as IConfigurationSection)?.Path;
        RedlockSettings settings = new(options);
        foreach (IConfigurationSection setting in section.GetChildren())
        {
            if (!Contains(others, setting.Key))
            {
                settings.Read(setting);
            }
        }
    }

    private static bool Contains(IReadOnlyCollection<string> names, string name)
    {
        foreach (string known in names)
        {
            if (known.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private void Read(IConfigurationSection setting)
    {
        if (_known.TryGetValue(setting.Key, out Action<SettingReader, IConfigurationSection, RedlockServiceOptions>? read))
        {
            read(_reader, setting, _options);
        }
        else if (setting.Key.Equals(nameof(RedlockServiceOptions.Defaults), StringComparison.OrdinalIgnoreCase))
        {
            ReadDefaults(setting);
        }
        else if (!setting.GetSection(nameof(RedlockServiceOptions.Nodes)).Exists())
        {
            // Several quorums may be described below one section, each in a section of its own.
            NoteUnknown(setting, [.. _known.Keys, nameof(RedlockServiceOptions.Defaults)]);
        }
    }

    // A list, or one value for one node: what an environment variable without an index gives.
    private static void ReadNodes(SettingReader reader, IConfigurationSection nodes, RedlockServiceOptions options)
    {
        if (nodes.Value?.TrimEnd('\r', '\n') is { Length: > 0 } only)
        {
            options.Nodes.Add(only);
        }

        foreach (IConfigurationSection node in nodes.GetChildren())
        {
            options.Nodes.Add(reader.Text(node) ?? string.Empty);
        }
    }

    private void ReadDefaults(IConfigurationSection section)
    {
        if (section.Value is { Length: > 0 })
        {
            _reader.Note($"{SettingReader.Shown(section.Path)} must be a section, with Expiry, Delay and others in it, and is one value.");
        }

        RedlockDefaults defaults = _options.Defaults ??= new RedlockDefaults();
        foreach (IConfigurationSection setting in section.GetChildren())
        {
            if (_knownDefaults.TryGetValue(setting.Key, out Action<SettingReader, IConfigurationSection, RedlockDefaults>? read))
            {
                read(_reader, setting, defaults);
            }
            else
            {
                NoteUnknown(setting, [.. _knownDefaults.Keys]);
            }
        }
    }

    private void NoteUnknown(IConfigurationSection setting, string[] known)
    {
        if (++_unknown <= MostUnknown)
        {
            string advice = NearestName.Of(setting.Key, known) is { } nearest
                ? $"did you mean {nearest}? Known are"
                : "known are";
            _reader.Note($"there is no setting {SettingReader.Shown(setting.Path)}; {advice} {string.Join(", ", known)}.");
        }
        else if (_unknown == MostUnknown + 1)
        {
            _reader.Note("there are more settings that are not known: is this the section that describes the nodes?");
        }
    }
}
