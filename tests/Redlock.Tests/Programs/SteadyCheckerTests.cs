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
    public void A_loss_that_nothing_explains_is_told_with_what_was_done_and_seen()
    {
        SteadyEvent loss = Loss(2, 0, 20) with { Seen = "+18.000 s: 2 Failed|+19.000 s: 2 Granted" };
        string told = Assert.Single(Check([loss], [Disturbed(2, -7, -6.5), Disturbed(3, 9, 9.25)], [Forgot(1, 9)]));
        string[] lines = told.Split(Environment.NewLine);
        Assert.Contains("from +16.667 to +20.000", lines[0], StringComparison.Ordinal);
        Assert.Equal(
            [
                "    node 2: PauseNode from -7.000 to -6.500 s",
                "    node 3: PauseNode from +9.000 to +9.250 s",
                "    node 1: forgot its data, dead by +9.000, back from +9.500 s",
                "    +18.000 s: 2 Failed",
                "    +19.000 s: 2 Granted",
                "    +20.000 s: lost",
            ],
            lines[1..]);
    }

    [Fact]
    public void What_is_told_is_read_as_it_was_written()
    {
        SteadyEvent gap = Gap(SteadyEvent.AllNodes, 1, 2);
        SteadyEvent loss = Loss(3, 4, 5) with { NotTakenOn = 1, WithoutKey = 1 << 3, Seen = "one thing|and another" };
        SteadyReport report = SteadyReport.Parse($"{gap.ToLine()}\n{loss.ToLine()}\n77\n");
        Assert.Equal(77, report.Locks);
        Assert.Equal([gap, loss], report.Events);
    }

    [Fact]
    public void Who_did_not_run_renewed_nothing()
    {
        Assert.Empty(Check([Loss(SteadyEvent.AllNodes, 0, 20), Stall(16.5, 18.5)], [], []));
        Assert.Contains(
            "the callers did not run from +17.000 to +17.500 s",
            Assert.Single(Check([Loss(SteadyEvent.AllNodes, 0, 20), Stall(17, 17.5)], [], [])),
            StringComparison.Ordinal);
        Assert.Single(Check([Loss(SteadyEvent.AllNodes, 0, 20), Stall(8, 14)], [], []));
    }

    private static SteadyEvent Stall(double start, double end) =>
        new(SteadyEventKind.Stall, SteadyEvent.AllNodes, Ticks(start), Ticks(end));

    private static SteadyEvent Gap(int node, double start, double end) => new(SteadyEventKind.Gap, node, Ticks(start), Ticks(end));

    private static SteadyEvent Loss(int node, double taken, double lost) => new(SteadyEventKind.Loss, node, Ticks(taken), Ticks(lost));

    private static Disturbance Disturbed(int node, double start, double end) =>
        new(FaultKind.PauseNode, node, Ticks(start), Ticks(end));

    private static DataLoss Forgot(int node, double at) => new(node, Ticks(at), Ticks(at + 0.5));

    private static long Ticks(double seconds) => (long)(seconds * MonotonicTime.Shared.TimestampFrequency);

    private static void AssertExplained(SteadyEvent told, params Disturbance[] disturbances) =>
        Assert.Empty(Check([told], disturbances, []));

    private static void AssertUnexplained(string text, SteadyEvent told, params Disturbance[] disturbances) =>
        Assert.Contains(text, Assert.Single(Check([told], disturbances, [])), StringComparison.Ordinal);

    private static string[] Check(SteadyEvent[] told, Disturbance[] disturbances, DataLoss[] losses) =>
        [.. new SteadyChecker(3, new DoneToNodes(disturbances, losses)).Check(new SteadyReport(1000, told))];
}
