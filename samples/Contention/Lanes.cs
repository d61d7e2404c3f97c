namespace Redlock.Fast.Contention;

/// <summary>The beginning of a contest, a lane a worker.</summary>
internal static class Lanes
{
    public const char Waiting = '─';
    public const char Holding = '█';

    /// <summary>What one character stands for.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    private const int Steps = 96;

    public static IEnumerable<string> Draw(IReadOnlyList<Turn> turns)
    {
        foreach (IGrouping<string, Turn> worker in turns.GroupBy(turn => turn.Worker.ToString()).OrderBy(worker => worker.Key))
        {
            char[] lane = new char[Steps];
            Array.Fill(lane, ' ');
            foreach (Turn turn in worker)
            {
                Paint(lane, turn.Wanted, turn.Held, Waiting);
                Paint(lane, turn.Held, turn.Released, Holding);
            }

            yield return $"{worker.Key} {new string(lane)}";
        }
    }

    private static void Paint(char[] lane, TimeSpan from, TimeSpan to, char what)
    {
        for (int step = (int)(from / Step); step < Math.Min(Steps, to / Step); step++)
        {
            lane[step] = what;
        }
    }
}
