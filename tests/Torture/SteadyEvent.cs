using System.Globalization;

namespace Redlock.Fast.Torture;

/// <summary>Something that a steady caller tells because a fault must be to blame for it.</summary>
/// <param name="Kind">What.</param>
/// <param name="Node">The one node of the caller, from 0, or <see cref="AllNodes"/>.</param>
/// <param name="StartTicks">Of a gap, the last lock before it; of a loss, when the lost lock was taken.</param>
/// <param name="EndTicks">Of a gap, the first lock after it; of a loss, when it showed.</param>
internal readonly record struct SteadyEvent(SteadyEventKind Kind, int Node, long StartTicks, long EndTicks)
{
    public const int AllNodes = -1;

    public static SteadyEvent Parse(string line)
    {
        string[] words = line.Split(' ');
        return new SteadyEvent(Enum.Parse<SteadyEventKind>(words[0]), (int)Number(words[1]), Number(words[2]), Number(words[3]));
    }

    public string ToLine() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Node} {StartTicks} {EndTicks}");

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
