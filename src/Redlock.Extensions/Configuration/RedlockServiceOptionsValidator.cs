using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>Checks the options of every registered quorum before the host starts.</summary>
internal sealed class RedlockServiceOptionsValidator : IValidateOptions<RedlockServiceOptions>
{
    public ValidateOptionsResult Validate(string? name, RedlockServiceOptions options)
    {
        string quorum = RedlockServiceCollectionExtensions.LabelOf(name);
        List<string> problems = [];
        CheckNodes(options, problems);
        CheckLimit(nameof(options.StartTimeLimit), options.StartTimeLimit, problems);
        CheckLimit(nameof(options.StopTimeLimit), options.StopTimeLimit, problems);
        Check(string.Empty, problems, () => _ = new RedlockOptions { RestartQuarantine = options.RestartQuarantine });
        Check(string.Empty, problems, () => CheckLogin(options.ToNodeOptions(), options.Nodes));
        if (options.Defaults is null)
        {
            problems.Add("Defaults is null; leave it out for the library's own.");
        }
        else
        {
            CheckDefaults(options, problems);
        }

        // What was read is told by its path already; what was checked begins with the setting's name.
        string place = string.IsNullOrEmpty(options.Path) ? string.Empty : $"{options.Path}:";
        problems = [.. options.Problems, .. problems.ConvertAll(problem => IsPlaced(problem) ? problem : place + problem)];
        return problems.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(problems.ConvertAll(problem => PrintableText.Of($"{quorum}: {problem}")));
    }

    private static void CheckNodes(RedlockServiceOptions options, List<string> problems)
    {
        if (options.Nodes.Count is < 1 or > RedlockFactory.MaxNodes)
        {
            problems.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"Nodes has {options.Nodes.Count} entries; a quorum needs 1 to {RedlockFactory.MaxNodes}, such as \"redis-1:6379\" in "
                    + $"Nodes:0 (in the environment {InEnvironment(options)}__Nodes__0)."));
        }

        HashSet<string> addresses = [];
        for (int node = 0; node < options.Nodes.Count; node++)
        {
            if (!RedisEndpoint.TryParse(options.Nodes[node], out RedisEndpoint? endpoint, out string? problem))
            {
                // The text itself may hold a password.
                string advice = IsList(options.Nodes[node])
                    ? $" Each node is an entry of its own: Nodes:0, Nodes:1, in the environment {InEnvironment(options)}__Nodes__0."
                    : string.Empty;
                if (!IsMissing(options, node))
                {
                    problems.Add($"{NameOf(options, node)} is not an endpoint: {problem}{advice}");
                }
            }
            else if (!addresses.Add(endpoint.ToString()))
            {
                problems.Add($"{NameOf(options, node)} ({endpoint}) is given twice: one node has one vote.");
            }
        }
    }

    private static bool IsPlaced(string problem) => problem.StartsWith(nameof(ConnectionStrings), StringComparison.Ordinal);

    // That is told where it was read.
    private static bool IsMissing(RedlockServiceOptions options, int node) =>
        options.ConnectionNames.Count > 0 && string.IsNullOrWhiteSpace(options.Nodes[node]);

    private static string NameOf(RedlockServiceOptions options, int node)
    {
        int connection = node - (options.Nodes.Count - options.ConnectionNames.Count);
        return options.ConnectionNames.Count > 0 && connection >= 0
            ? ConnectionStrings.KeyOf(options.ConnectionNames[connection])
            : string.Create(CultureInfo.InvariantCulture, $"Nodes:{node}");
    }

    private static string InEnvironment(RedlockServiceOptions options) =>
        string.IsNullOrEmpty(options.Path) ? "Redlock" : options.Path.Replace(":", "__", StringComparison.Ordinal);

    private static void CheckLimit(string setting, TimeSpan value, List<string> problems)
    {
        TimeSpan longest = TimeSpan.FromHours(1);
        if (value < TimeSpan.Zero || value > longest)
        {
            problems.Add($"{setting} must be between zero and one hour, not {value}.");
        }
    }

    /// <summary>Lets those who will use the values check them, so that the bounds stand in one place.</summary>
    private static void Check(string setting, List<string> problems, Action use)
    {
        try
        {
            use();
        }
        catch (ArgumentException refused)
        {
            problems.Add(setting + SettingOf(refused) + refused.Message);
        }
    }

    // The others begin with the setting's own name.
    private static string SettingOf(ArgumentException refused) => refused.ParamName switch
    {
        "fraction" => $"{nameof(RedlockDefaults.RenewFraction)}: ",
        "maxHoldTime" => $"{nameof(RedlockDefaults.MaxHoldTime)}: ",
        _ => "",
    };

    private static void CheckLogin(RespNodeOptions node, IList<string> endpoints)
    {
        if (node is { Credentials: not null, User: not null } or { Credentials: not null, Password: not null })
        {
            throw new ArgumentException(
                "User or Password is set, and so are the Credentials of the nodes (ConfigureNodes): leave one of the two out, as a node is "
                    + "entered with one login.");
        }

        foreach (string text in endpoints)
        {
            bool bringsLogin = RedisEndpoint.TryParse(text, out RedisEndpoint? endpoint, out _) && endpoint.Password is not null;
            if (bringsLogin && node.Credentials is not null)
            {
                throw new ArgumentException(
                    $"Nodes has an endpoint with a login of its own ({endpoint}), and the Credentials of the nodes are set "
                        + "(ConfigureNodes): leave one of the two out, as a node is entered with one login.");
            }

            if (!bringsLogin && node is { User: not null, Password: null })
            {
                throw new ArgumentException(
                    "User is set and Password is not: set both, or neither for the default user. For a user that needs no password "
                        + "(nopass) set an empty one.");
            }
        }
    }

    private static bool IsList(string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return parts.Length > 1
            && Array.TrueForAll(parts, static part => RedisEndpoint.TryParse(part, out RedisEndpoint? _, out string? _));
    }

    private static void CheckDefaults(RedlockServiceOptions options, List<string> problems)
    {
        if (options.Defaults is { MaxHoldTime: not null, RenewFraction: null })
        {
            problems.Add(
                "Defaults:MaxHoldTime is set and RenewFraction is not, so nothing would be renewed: set RenewFraction, such as 0.33, or "
                    + "leave MaxHoldTime out.");
        }

        MutexOptions defaults = MutexOptions.Blocking;
        Check("Defaults:", problems, () => defaults = options.Defaults.ToMutexOptions());

        // Their number is a fault of its own; the options are checked with a number that may be.
        RespChannel[] channels = new RespChannel[Math.Clamp(options.Nodes.Count, 1, RedlockFactory.MaxNodes)];
        for (int node = 0; node < channels.Length; node++)
        {
            channels[node] = new UnconnectedChannel(node.ToString(CultureInfo.InvariantCulture));
        }

        using RedlockFactory factory = new(channels);
        while (true)
        {
            try
            {
                factory.CreateMutex("check", defaults);
                return;
            }
            catch (ArgumentException refused)
            {
                problems.Add($"Defaults:{refused.Message}");

                // The first fault found hides the others: with that option as it is by default the next one shows.
                MutexOptions repaired = WithoutFault(defaults, refused.ParamName);
                if (repaired == defaults)
                {
                    return;
                }

                defaults = repaired;
            }
        }
    }

    private static MutexOptions WithoutFault(MutexOptions options, string? parameter) => parameter switch
    {
        "options.Expiry" => options with { Expiry = MutexOptions.Blocking.Expiry },
        "options.Tries" => options with { Tries = MutexOptions.Blocking.Tries },
        "options.WaitLimit" => options with { WaitLimit = null },
        "options.SuccessionLimit" => options with { SuccessionLimit = MutexOptions.Blocking.SuccessionLimit },
        "options.Delay" => options with { Delay = MutexOptions.Blocking.Delay },
        "options.Factor" => options with { Factor = MutexOptions.Blocking.Factor },
        "options.Quorum" => options with { Quorum = null },
        "options.NodeTimeLimit" => options with { NodeTimeLimit = null },
        "options.Continuation" => options with { Continuation = default },
        "options.Release" => options with { Release = default },
        _ => options,
    };
}
