using System.Globalization;

namespace Redlock.Fast.Fuzz;

/// <summary>What was asked for on the command line.</summary>
internal sealed record FuzzOptions
{
    /// <summary>How long to go on.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.MaxValue;

    /// <summary>How many inputs to try, over all threads.</summary>
    public long Inputs { get; init; } = long.MaxValue;

    public ulong Seed { get; init; } = (ulong)Random.Shared.NextInt64();

    public int Threads { get; init; } = 2;

    public static FuzzOptions Parse(string[] arguments)
    {
        FuzzOptions options = new();
        for (int index = 0; index < arguments.Length; index++)
        {
            options = arguments[index] switch
            {
                "--seconds" => options with { Duration = TimeSpan.FromSeconds(Number(arguments, ++index)) },
                "--inputs" => options with { Inputs = Number(arguments, ++index) },
                "--seed" => options with { Seed = (ulong)Number(arguments, ++index) },
                "--threads" => options with { Threads = (int)Math.Clamp(Number(arguments, ++index), 1, Environment.ProcessorCount) },
                _ => throw Usage($"'{arguments[index]}' is not known."),
            };
        }

        return options is { Inputs: long.MaxValue } && options.Duration == TimeSpan.MaxValue ? throw Usage("Say how long.") : options;
    }

    private static ArgumentException Usage(string problem) => new($"{problem} Usage: --seconds S | --inputs N [--seed X] [--threads T]");

    private static long Number(string[] arguments, int index) =>
        index < arguments.Length && long.TryParse(arguments[index], NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw Usage($"A whole number must follow {arguments[index - 1]}.");
}
