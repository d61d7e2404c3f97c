using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>Decides whether those who waited in one process for the same name were served in the order in which they came.</summary>
/// <remarks>
/// Who comes so much later that the other one stands in the line by then is given the name only when that one has left. When a caller
/// goes on, it has left before, so what its thread takes to get there is allowed for.
/// </remarks>
internal static class OrderChecker
{
    // The first attempt of the earlier one, which may have found no line, and what a busy machine takes.
    private static readonly TimeSpan _timeToStand = TimeSpan.FromSeconds(1.1);

    private static readonly TimeSpan _lateness = TimeSpan.FromSeconds(1);

    public static IEnumerable<string> Check(History process)
    {
        List<Wait> waits = [.. process.Waits.Where(wait => wait.Name == HotNames.Line).OrderBy(wait => wait.StartTicks)];
        for (int later = 1; later < waits.Count; later++)
        {
            Wait served = waits[later];
            if (served.End != CallEnd.Acquired)
            {
                continue;
            }

            Wait? overtaken = waits.Take(later).FirstOrDefault(earlier =>
                process.Went(earlier.StartTicks, served.StartTicks) > _timeToStand
                && process.Went(served.EndTicks, earlier.EndTicks) > _lateness);
            if (overtaken is not null)
            {
                yield return $"In one process {served} overtook {overtaken}.";
            }
        }
    }
}
