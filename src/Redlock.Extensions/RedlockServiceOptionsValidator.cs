using System.Globalization;
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
        Check(string.Empty, problems, () => options.ToNodeOptions());
        if (options.Defaults is null)
        {
            problems.Add("Defaults is null; leave it out for the library's own.");
        }
        else if (problems.Count == 0)
        {
            Check("Defaults: ", problems, () => CheckDefaults(options));
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems.ConvertAll(problem => $"{quorum}: {problem}"));
    }

    private static void CheckNodes(RedlockServiceOptions options, List<string> problems)
    {
        if (options.Nodes.Count is < 1 or > RedlockFactory.MaxNodes)
        {
            problems.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"Nodes has {options.Nodes.Count} entries; a quorum needs 1 to {RedlockFactory.MaxNodes}, such as \"redis-1:6379\"."));
        }

        HashSet<string> addresses = [];
        for (int node = 0; node < options.Nodes.Count; node++)
        {
            if (!RedisEndpoint.TryParse(options.Nodes[node], out RedisEndpoint? endpoint, out string? problem))
            {
                // The text itself may hold a password.
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"Nodes:{node} is not an endpoint: {problem}"));
            }
            else if (!addresses.Add(endpoint.ToString()))
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"Nodes:{node} ({endpoint}) is given twice: one node has one vote."));
            }
        }
    }

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
            problems.Add(setting + refused.Message);
        }
    }

    private static void CheckDefaults(RedlockServiceOptions options)
    {
        RespChannel[] channels = new RespChannel[options.Nodes.Count];
        for (int node = 0; node < channels.Length; node++)
        {
            channels[node] = new UnconnectedChannel(node.ToString(CultureInfo.InvariantCulture));
        }

        using RedlockFactory factory = new(channels);
        factory.CreateMutex("check", options.Defaults.ToMutexOptions());
    }
}
