using Redlock.Fast.Torture;

namespace Redlock.Fast.Tests;

// Five nodes, a quorum of three; the times are small numbers, as only their order counts.
public class HistoryCheckerTests
{
    private const uint FirstThree = 0b00111;
    private const uint LastThree = 0b11100;
    private const uint FirstFour = 0b01111;
    private const uint LastFour = 0b11110;

    [Fact]
    public void Nothing_is_in_order() => AssertInOrder([]);

    [Fact]
    public void One_after_another_is_in_order() =>
        AssertInOrder([], Acquired("a", 0, 10, 20), Acquired("b", 15, 20, 30), Acquired("a2", 25, 31, 40));

    [Fact]
    public void Two_names_do_not_exclude_each_other() =>
        AssertInOrder([], Acquired("a", 0, 10, 20), Acquired("b", 0, 10, 20) with { Name = "window" });

    [Fact]
    public void An_owner_who_extends_does_not_exclude_itself() =>
        AssertInOrder([], Acquired("a", 0, 10, 30), Extended("a", 15, 20, 60), Acquired("b", 55, 61, 70));

    [Fact]
    public void A_claim_that_ended_before_it_was_handed_over_was_relied_on_by_nobody() =>
        AssertInOrder([], Acquired("a", 0, 10, 30), Acquired("b", 0, 25, 20));

    [Theory]
    [InlineData(11, 12, 13)]
    [InlineData(5, 10, 20)]
    [InlineData(5, 29, 50)]
    public void Two_holders_at_one_time_are_a_violation(long start, long handOver, long end)
    {
        Verdict verdict = Check([], Acquired("a", 0, 10, 30), Acquired("b", start, handOver, end));
        string violation = Assert.Single(verdict.Violations);
        Assert.Contains("'door' had two holders", violation, StringComparison.Ordinal);
        Assert.Equal(0, verdict.ExplainedOverlaps);
    }

    [Fact]
    public void A_holder_behind_a_shorter_one_is_still_seen() =>
        Assert.Equal(2, Check([], Acquired("a", 0, 10, 100), Acquired("b", 0, 20, 30), Acquired("c", 0, 40, 50)).Violations.Count);

    [Fact]
    public void An_overlap_with_an_extension_is_a_violation() =>
        Assert.Single(Check([], Acquired("a", 0, 10, 30), Extended("a", 15, 20, 60), Acquired("b", 25, 40, 50)).Violations);

    [Fact]
    public void A_grant_without_a_quorum_is_a_violation() =>
        Assert.Contains(
            "without a quorum",
            Assert.Single(Check([], Acquired("a", 0, 10, 20) with { Nodes = 0b11 }).Violations),
            StringComparison.Ordinal);

    [Fact]
    public void A_node_that_forgot_between_the_two_votes_explains_an_overlap()
    {
        Verdict verdict = Check([new DataLoss(2, 12, 14)], Acquired("a", 0, 10, 30), Acquired("b", 15, 20, 40) with { Nodes = LastThree });
        Assert.Empty(verdict.Violations);
        Assert.Equal(1, verdict.ExplainedOverlaps);
    }

    [Fact]
    public void A_loss_while_both_were_being_voted_on_explains_an_overlap() =>
        AssertExplained([new DataLoss(2, 4, 5)], Acquired("a", 0, 10, 30), Acquired("b", 2, 9, 40) with { Nodes = LastThree });

    [Fact]
    public void A_loss_under_an_extended_lock_explains_an_overlap() =>
        AssertExplained([new DataLoss(2, 24, 26)], Extended("a", 15, 20, 60), Acquired("b", 27, 30, 40) with { Nodes = LastThree });

    [Fact]
    public void An_extension_is_explained_as_the_acquisition_that_it_goes_on_with()
    {
        Verdict verdict = Check(
            [new DataLoss(2, 24, 26)],
            Extended("a", 15, 20, 60),
            Acquired("b", 27, 30, 50) with { Nodes = LastThree },
            Extended("b", 35, 40, 70) with { Nodes = LastThree });
        Assert.Empty(verdict.Violations);
        Assert.Equal(2, verdict.ExplainedOverlaps);
    }

    [Fact]
    public void An_extension_of_what_was_acquired_before_the_loss_is_not_explained() =>
        Assert.Single(Check(
            [new DataLoss(2, 6, 7)],
            Acquired("a", 0, 5, 9),
            Acquired("b", 8, 10, 40) with { Nodes = LastThree },
            Extended("a", 16, 20, 60)).Violations);

    [Fact]
    public void Every_node_that_granted_both_must_have_forgotten()
    {
        Claim first = Acquired("a", 0, 10, 30) with { Nodes = FirstFour };
        Claim second = Acquired("b", 15, 20, 40) with { Nodes = LastFour };
        DataLoss[] losses = [new(1, 12, 14), new(2, 11, 13), new(3, 12, 15)];
        AssertExplained(losses, first, second);
        for (int missing = 0; missing < losses.Length; missing++)
        {
            Assert.Single(Check([.. losses.Where((_, index) => index != missing)], first, second).Violations);
        }
    }

    [Theory]
    [InlineData(1, 12, 14)]
    [InlineData(4, 12, 14)]
    public void A_loss_on_a_node_that_did_not_grant_both_explains_nothing(int node, long deadBy, long backFrom) =>
        Assert.Single(Check(
            [new DataLoss(node, deadBy, backFrom)], Acquired("a", 0, 10, 30),
            Acquired("b", 15, 20, 40) with { Nodes = LastThree }).Violations);

    [Theory]
    [InlineData(-5, -2)]
    [InlineData(21, 25)]
    [InlineData(12, 21)]
    public void A_loss_before_the_first_or_after_the_second_vote_explains_nothing(long deadBy, long backFrom) =>
        Assert.Single(Check(
            [new DataLoss(2, deadBy, backFrom)], Acquired("a", 0, 10, 30),
            Acquired("b", 15, 20, 40) with { Nodes = LastThree }).Violations);

    [Fact]
    public void No_loss_explains_an_extension_of_what_another_owner_has() =>
        Assert.Single(Check(
            [new DataLoss(2, 14, 15)], Acquired("b", 0, 10, 40) with { Nodes = LastThree }, Extended("a", 16, 20, 60)).Violations);

    [Fact]
    public void A_history_is_read_with_the_release_as_the_end_and_its_waits()
    {
        History history = History.Read(
        [
            "claim Acquired door A 0 10 30 7",
            "claim Extended door A 12 15 50 14",
            "release A 20",
            "claim Acquired door B 21 22 40 7",
            "release B 45",
            "sent A 21",
            "wait 1 door 1 50",
            "wait 2 door 2 60",
            "waited 2 30 Contended",
            "end Contended",
            "stall 3 9",
            "beat 65",
        ], endTicks: 70);
        Assert.Equal(
            [
                Acquired("A", 0, 10, 20),
                new Claim("door", "A", ClaimKind.Extended, 12, 15, 20, 14),
                Acquired("B", 21, 22, 40),
            ],
            history.Claims);
        Assert.Equal([new Wait("door", 1, 50, 70, null), new Wait("door", 2, 60, 30, CallEnd.Contended)], history.Waits);
        Assert.Equal([new Stretch(3, 9), new Stretch(65, 70)], history.Stalls);
        Assert.Equal(1, history.Ends[CallEnd.Contended]);
        Assert.Equal(1, history.HandedOn);
        Assert.Throws<FormatException>(() => History.Read(["nonsense"]));
    }

    private static Claim Acquired(string owner, long start, long handOver, long end) =>
        new("door", owner, ClaimKind.Acquired, start, handOver, end, FirstThree);

    private static Claim Extended(string owner, long start, long handOver, long end) =>
        new("door", owner, ClaimKind.Extended, start, handOver, end, FirstThree);

    private static Verdict Check(DataLoss[] losses, params Claim[] claims) => new HistoryChecker(3, losses).Check(claims);

    private static void AssertInOrder(DataLoss[] losses, params Claim[] claims)
    {
        Verdict verdict = Check(losses, claims);
        Assert.Empty(verdict.Violations);
        Assert.Equal(0, verdict.ExplainedOverlaps);
        Assert.Equal(claims.Length, verdict.Claims);
    }

    private static void AssertExplained(DataLoss[] losses, params Claim[] claims)
    {
        Verdict verdict = Check(losses, claims);
        Assert.Empty(verdict.Violations);
        Assert.Equal(1, verdict.ExplainedOverlaps);
    }
}
