using System.Globalization;

namespace Redlock.Fast.Torture;

/// <summary>Something that a steady caller tells because a fault must be to blame for it.</summary>
/// <param name="Kind">What.</param>
/// <param name="Node">The one node of the caller, from 0, or <see cref="AllNodes"/>.</param>
/// <param name="StartTicks">Of a gap, the last lock before it; of a loss, when the lost lock was taken; of a stall, its beginning.</param>
/// <param name="EndTicks">Of a gap, the first lock after it; of a loss, when it showed; of a stall, its end.</param>
/// <param name="NotTakenOn">A bit for each node that failed when the lost lock was taken.</param>
/// <param name="WithoutKey">A bit for each node that said in a renewal that it does not hold the key of the lost lock.</param>
/// <param name="Seen">What the caller saw of it, in one line for people; entries are parted as <see cref="RenewalHistory"/> does.</param>
internal readonly record struct SteadyEvent(
    SteadyEventKind Kind, int Node, long StartTicks, long EndTicks, uint NotTakenOn = 0, uint WithoutKey = 0, string Seen = "")
{
    public const int AllNodes = -1;

    private const int Words = 7;

    public static SteadyEvent Parse(string line)
    {
        string[] words = line.Split(' ', Words);
        return new SteadyEvent(
            Enum.Parse<SteadyEventKind>(words[0]),
            (int)Number(words[1]),
            Number(words[2]),
            Number(words[3]),
            (uint)Number(words[4]),
            (uint)Number(words[5]),
            words[6]);
    }

    public string ToLine() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Kind} {Node} {StartTicks} {EndTicks} {NotTakenOn} {WithoutKey} {Seen}");

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
