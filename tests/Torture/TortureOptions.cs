using System.Globalization;

namespace Redlock.Fast.Torture;

/// <summary>What was asked for on the command line.</summary>
internal sealed record TortureOptions
{
    public const int ShortestSeconds = 8;

    public int Nodes { get; } = 5;

    public int Clients { get; } = 3;

    /// <summary>The clients, and the one that is of another library.</summary>
    public int Processes => Clients + 1;

    public int Names { get; } = 3;

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(60);

    public int Seed { get; init; } = Random.Shared.Next();

    public Sabotage Sabotage { get; init; }

    /// <summary>By which means nodes are tortured.</summary>
    public FaultReach Reach { get; init; }

    /// <summary>How to connect to the PostgreSQL that keeps what fenced locks guard; by default a file of SQLite does.</summary>
    public string? Postgres { get; init; }

    public static TortureOptions Parse(string[] arguments)
    {
        TortureOptions options = new();
        for (int index = 0; index < arguments.Length; index++)
        {
            options = arguments[index] switch
            {
                "--seconds" => options with { Duration = TimeSpan.FromSeconds(Math.Max(ShortestSeconds, Number(arguments, ++index))) },
                "--seed" => options with { Seed = Number(arguments, ++index) },
                "--postgres" => options with { Postgres = Text(arguments, ++index) },
                "--from-outside" => options with { Reach = FaultReach.Outside },
                "--selftest" => options with { Sabotage = Sabotage.ClaimAfterRelease },
                _ => throw new ArgumentException(
                    $"'{arguments[index]}' is not known. Usage: "
                    + "[--seconds S] [--seed X] [--from-outside] [--selftest] [--postgres Host=...]"),
            };
        }

        return options;
    }

    private static string Text(string[] arguments, int index) =>
        index < arguments.Length && SharedSet.IsPostgres(arguments[index])
            ? arguments[index]
            : throw new ArgumentException($"'Host=...;Username=...;Database=...' must follow {arguments[index - 1]}.");

    private static int Number(string[] arguments, int index) =>
        index < arguments.Length && int.TryParse(arguments[index], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new ArgumentException($"A whole number must follow {arguments[index - 1]}.");
}
