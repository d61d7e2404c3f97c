using Redlock.Fast.Simulation;

namespace Redlock.Fast.Tests;

public class SimulationTests
{
    [Fact]
    public void Every_invariant_holds_under_faults_of_all_kinds()
    {
        Campaign campaign = new(SimulationOptions.Parse(["--seeds", "1-400"]));
        campaign.Run();
        if (campaign.Failure is { } failure)
        {
            (SimulationPlan smaller, Violation violation) = Shrinking.Shrink(failure.Plan, failure.Violation);
            Assert.Fail($"{violation}\n{Shrinking.Command(smaller)}");
        }

        Assert.True(campaign.Claims > campaign.Seeds, $"Hardly a lock was handed over: {campaign.Claims} in {campaign.Seeds} runs.");
    }

    [Theory]
    [InlineData("is woken")]
    [InlineData("loses its ear")]
    [InlineData("may not listen")]
    [InlineData(": +SUCCEEDED")]
    [InlineData("stranger")]
    public void Waiters_meet_whatever_can_happen_to_them(string happening)
    {
        using StringWriter trace = new();
        for (ulong seed = 1; seed <= 10; seed++)
        {
            World.Run(SimulationPlan.Draw(seed), trace);
        }

        Assert.Contains(happening, trace.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("link breaks")]
    [InlineData("link is mute")]
    [InlineData("link stalls")]
    [InlineData("hangs up")]
    [InlineData("lets nobody in")]
    [InlineData("connection refused")]
    [InlineData("WRONGPASS")]
    [InlineData("LOADING")]
    [InlineData("did not complete a connection within")]
    [InlineData("NOSCRIPT")]
    [InlineData("TimedOutUnsent")]
    [InlineData("ConnectionLost")]
    [InlineData("answered nothing")]
    public void Connections_meet_whatever_can_happen_to_them(string happening)
    {
        using StringWriter trace = new();
        for (ulong seed = 1; seed <= 12; seed++)
        {
            World.Run(SimulationPlan.Draw(seed, ByteUse.Always), trace);
        }

        Assert.Contains(happening, trace.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_third_of_the_seeds_goes_through_bytes()
    {
        int through = 0;
        for (ulong seed = 1; seed <= 300; seed++)
        {
            through += SimulationPlan.Draw(seed).GoesThroughBytes ? 1 : 0;
        }

        Assert.InRange(through, 80, 120);
    }

    [Fact]
    public void A_successor_that_is_granted_what_is_anothers_is_found()
    {
        Campaign campaign = new(SimulationOptions.Parse(["--seeds", "1-200", "--with", "BlindSuccession"]));
        campaign.Run();
        Assert.Equal(Invariant.DeadlineIsBacked, campaign.Failure?.Violation.Invariant);
    }

    [Fact]
    public void Every_defect_still_fits_the_sources()
    {
        foreach (Mutant mutant in Mutant.All)
        {
            string sources = Path.Combine(SourceTree.Root, "src", mutant.Package);
            foreach (Edit edit in mutant.Edits)
            {
                string text = File.ReadAllText(SourceTree.File(sources, edit.File));
                Assert.True(text.Split(edit.Old).Length == 2, $"{mutant.Name}: {edit.File} does not have this just once: {edit.Old}");
            }
        }
    }

    [Fact]
    public void A_run_whose_time_stands_still_is_given_up()
    {
        World world = new(SimulationPlan.Draw(1), trace: null);
        void Again() => world.At(world.Now, Again);
        world.At(1, Again);
        Assert.Equal(Invariant.TimePasses, world.RunToEnd().Violation?.Invariant);
    }

    [Fact]
    public void A_clock_that_leaps_is_found_to_break_exclusion()
    {
        Campaign campaign = new(SimulationOptions.Parse(["--seeds", "1-200", "--with", "ClockStep", "--exclusion-only"]));
        campaign.Run();
        Assert.Equal(Invariant.Exclusion, campaign.Failure?.Violation.Invariant);
    }
}
