using Redlock.Fast.Allocation;

namespace Redlock.Fast.Bench;

/// <summary>The allocation scenarios, in a process of their own: one line each.</summary>
internal static class AllocationChild
{
    public static async Task<int> RunAsync(bool full)
    {
        FixedThreadPool.Start();
        foreach (Scenario scenario in full ? Scenario.Full : Scenario.Brief)
        {
            Console.WriteLine($"{scenario.Name} {await Repeated.RunAsync(scenario)}");
        }

        return 0;
    }
}
