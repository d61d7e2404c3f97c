using Redlock.Fast.Simulation;

namespace Redlock.Fast.Tests;

/// <summary>Whether somebody listens decides where a release that nobody awaits ends, so nobody does who might stop meanwhile.</summary>
[Collection(nameof(ListeningAlone))]
public class SimulatedHistoryTests
{
    [Fact]
    public void One_seed_is_one_history()
    {
        for (ulong seed = 1001; seed <= 1020; seed++)
        {
            SimulationPlan plan = SimulationPlan.Draw(seed);
            Assert.Equal(World.Run(plan), World.Run(plan));
        }

        SimulationPlan throughBytes = SimulationPlan.Draw(1001, ByteUse.Always);
        Assert.Equal(World.Run(throughBytes), World.Run(throughBytes));

        Assert.NotEqual(World.Run(SimulationPlan.Draw(1001)).Hash, World.Run(SimulationPlan.Draw(1002)).Hash);
    }
}
