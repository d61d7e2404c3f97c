namespace Redlock.Fast.Allocation;

/// <summary>Measures a scenario anew, on new servers, while it allocates.</summary>
internal static class Repeated
{
    // A queue that has to grow because a server falls behind does so in one run; what a cycle costs is there in each.
    private const int Runs = 3;

    /// <returns>The bytes of the run with the fewest.</returns>
    public static async Task<long> RunAsync(Scenario scenario)
    {
        long fewest = long.MaxValue;
        for (int run = 0; fewest != 0 && run < Runs; run++)
        {
            fewest = Math.Min(fewest, await Measurement.RunAsync(scenario, Sabotage.None));
        }

        return fewest;
    }
}
