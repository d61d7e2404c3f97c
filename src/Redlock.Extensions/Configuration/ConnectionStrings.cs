using Microsoft.Extensions.Configuration;

namespace Redlock.Fast.Extensions;

/// <summary>Reads nodes that the configuration names by connection strings, as orchestrators such as Aspire hand them out.</summary>
internal static class ConnectionStrings
{
    private const string Section = nameof(ConnectionStrings);

    public static void Read(IConfiguration configuration, IReadOnlyList<string> names, RedlockServiceOptions options)
    {
        if (names.Count > 0 && options.Nodes.Count > 0)
        {
            options.Problems.Add(
                $"{options.Path}:Nodes names nodes, and so do the connection strings {string.Join(", ", names)}: leave one of the two "
                    + "out.");
        }

        foreach (string name in names)
        {
            options.ConnectionNames.Add(name);
            string? text = configuration.GetConnectionString(name);
            if (string.IsNullOrWhiteSpace(text))
            {
                options.Problems.Add(
                    $"there is no connection string {KeyOf(name)}: set it to a node such as \"redis-1:6379\" (in the environment "
                        + $"{Section}__{SettingReader.Shown(name)}).");
            }

            options.Nodes.Add(text ?? string.Empty);
        }
    }

    /// <summary>What a message calls it.</summary>
    public static string KeyOf(string name) => $"{Section}:{SettingReader.Shown(name)}";
}
