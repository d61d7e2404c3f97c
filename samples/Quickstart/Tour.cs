namespace Redlock.Fast.Quickstart;

/// <summary>All steps, with two clients that know nothing of each other.</summary>
internal static class Tour
{
    public static async Task RunAsync(SampleNodes nodes, StepTable steps)
    {
        await using RedlockFactory first = RedlockFactory.Create(nodes.Endpoints);
        await using RedlockFactory second = RedlockFactory.Create(nodes.Endpoints);

        // Names of its own, so that two tours on the same nodes do not meet.
        string prefix = $"quickstart:{Guid.NewGuid():N}:";
        try
        {
            if (!await Connect.RunAsync(first, second, prefix, steps))
            {
                return;
            }

            await TakeAndRelease.RunAsync(first, second, prefix, steps);
            await AwaitUsing.RunAsync(first, second, prefix, steps);
            await Expire.RunAsync(first, second, prefix, steps);
            await HandOver.RunAsync(first, second, prefix, steps);
            await ManyCycles.RunAsync(first, prefix, steps);
            await Outage.RunAsync(nodes, first, prefix, steps);
        }
#pragma warning disable CA1031 // Whatever it is, it belongs in the table and makes the exit code 1.
        catch (Exception unexpected)
#pragma warning restore CA1031
        {
            steps.End("The next step ran to its end", $"{unexpected.GetType().Name}: {unexpected.Message}", isKept: false);
        }
    }
}
