using Redlock.Fast.Resp;
using Redlock.Fast.Torture;

namespace Redlock.Fast.Tests;

// Five nodes, a quorum of three; times are in seconds.
public class SteadyCheckerTests
{
    [Fact]
    public void A_short_gap_needs_no_fault() => AssertExplained(Gap(2, 0, 9));

    [Fact]
    public void Nobody_lacks_locks_of_a_node_that_is_left_alone() =>
        AssertUnexplained("node 2", Gap(2, 0, 11), Disturbed(3, 0, 11));

    [Fact]
    public void The_time_in_which_a_node_is_disturbed_does_not_count() =>
        AssertExplained(Gap(2, 0, 20), Disturbed(2, 1, 5), Disturbed(2, 6, 13));

    [Fact]
    public void The_time_between_two_faults_counts() =>
        AssertUnexplained("10.5 s", Gap(2, 0, 20), Disturbed(2, 1, 5), Disturbed(2, 6, 11.5));

    [Fact]
    public void A_quorum_goes_on_without_two_nodes_and_not_without_three()
    {
        SteadyEvent gap = Gap(SteadyEvent.AllNodes, 0, 20);
        AssertUnexplained("a quorum", gap, Disturbed(0, 0, 20), Disturbed(1, 0, 20));
        AssertExplained(gap, Disturbed(0, 0, 20), Disturbed(1, 0, 20), Disturbed(2, 0, 20));
    }

    [Fact]
    public void A_renewed_lock_outlives_a_short_fault_and_not_a_long_one()
    {
        AssertUnexplained("A renewed lock of node 2", Loss(2, 0, 20), Disturbed(2, 17, 19));
        AssertExplained(Loss(2, 0, 20), Disturbed(2, 15, 19));
    }

    [Fact]
    public void A_node_that_forgets_its_data_explains_the_loss_there_and_nowhere_else()
    {
        DataLoss forgot = new(2, Ticks(3), Ticks(4));
        Assert.Empty(Check([Loss(2, 0, 20)], [], [forgot]));
        Assert.Single(Check([Loss(1, 0, 20)], [], [forgot]));
        Assert.Single(Check([Loss(2, 5, 20)], [], [forgot]));
    }

    [Fact]
    public void Nodes_that_were_away_at_the_acquisition_lack_the_key_as_well()
    {
        DataLoss forgot = new(2, Ticks(3), Ticks(4));
        SteadyEvent loss = Loss(SteadyEvent.AllNodes, 0, 20);
        Assert.Single(Check([loss], [Disturbed(0, 0, 1)], [forgot]));
        Assert.Empty(Check([loss], [Disturbed(0, 0, 1), Disturbed(1, 0, 1)], [forgot]));
    }

    [Fact]
    public void What_is_told_is_read_as_it_was_written()
    {
        SteadyEvent gap = Gap(SteadyEvent.AllNodes, 1, 2);
        SteadyReport report = SteadyReport.Parse($"{gap.ToLine()}\n{Loss(3, 4, 5).ToLine()}\n77\n");
        Assert.Equal(77, report.Locks);
        Assert.Equal([gap, Loss(3, 4, 5)], report.Events);
    }

    private static SteadyEvent Gap(int node, double start, double end) => new(SteadyEventKind.Gap, node, Ticks(start), Ticks(end));

    private static SteadyEvent Loss(int node, double taken, double lost) => new(SteadyEventKind.Loss, node, Ticks(taken), Ticks(lost));

    private static Disturbance Disturbed(int node, double start, double end) => new(node, Ticks(start), Ticks(end));

    private static long Ticks(double seconds) => (long)(seconds * MonotonicTime.Shared.TimestampFrequency);

    private static void AssertExplained(SteadyEvent told, params Disturbance[] disturbances) =>
        Assert.Empty(Check([told], disturbances, []));

    private static void AssertUnexplained(string text, SteadyEvent told, params Disturbance[] disturbances) =>
        Assert.Contains(text, Assert.Single(Check([told], disturbances, [])), StringComparison.Ordinal);

    private static string[] Check(SteadyEvent[] told, Disturbance[] disturbances, DataLoss[] losses) =>
        [.. new SteadyChecker(3, disturbances, losses).Check(new SteadyReport(1000, told))];
}
