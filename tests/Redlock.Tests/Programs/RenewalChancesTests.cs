using Redlock.Fast.Resp;
using Redlock.Fast.Torture;

namespace Redlock.Fast.Tests;

// Five nodes, a quorum of three; times are in seconds. A lock that is lost at 20 was to be renewed from 16.67 on.
public class RenewalChancesTests
{
    private const uint NodeTwo = 1 << 2;

    [Fact]
    public void A_lock_that_is_not_renewed_though_nothing_is_done_is_missed_from_the_moment_at_which_it_was_due()
    {
        AssertMissed(16.667, 20, Loss(2, 0, 20));
        AssertMissed(16.667, 20, Loss(SteadyEvent.AllNodes, 0, 20));
        AssertMissed(0, 2, Loss(2, 0, 2));
    }

    [Fact]
    public void What_was_done_before_a_renewal_was_due_and_to_others_explains_nothing() =>
        AssertMissed(16.667, 20, Loss(2, 0, 20), [Away(2, 12, 15.5), Away(3, 16, 20)]);

    [Fact]
    public void A_node_that_is_away_for_all_the_time_between_the_first_renewal_and_the_deadline_explains_a_loss() =>
        AssertHadToBe(Loss(2, 0, 20), [Away(2, 16.5, 19)]);

    [Fact]
    public void A_node_that_is_back_in_time_explains_nothing()
    {
        AssertMissed(18.5, 20, Loss(2, 0, 20), [Away(2, 16, 17.5)]);
        AssertMissed(16.667, 18, Loss(2, 0, 20), [Away(2, 18, 20)]);
    }

    [Theory]
    [InlineData(FaultKind.FlushScripts)]
    [InlineData(FaultKind.KillSubscribers)]
    public void A_node_that_only_forgets_its_scripts_or_who_hears_it_is_not_away(object kind) =>
        AssertMissed(16.667, 20, Loss(2, 0, 20), [Away(2, 16, 20) with { Kind = (FaultKind)kind }]);

    [Fact]
    public void Two_faults_of_one_node_at_a_time_are_one_node() =>
        AssertMissed(16.667, 20, Loss(SteadyEvent.AllNodes, 0, 20), [Away(0, 16, 19), Away(0, 18, 20), Away(1, 16, 20)]);

    [Fact]
    public void Three_nodes_that_are_away_in_turns_explain_a_loss_only_where_they_leave_no_time()
    {
        SteadyEvent loss = Loss(SteadyEvent.AllNodes, 0, 20);
        AssertHadToBe(loss, [Away(0, 16, 20), Away(1, 16, 20), Away(2, 16, 17), Away(3, 18.5, 20)]);
        AssertMissed(17.5, 19.5, loss, [Away(0, 16, 20), Away(1, 16, 20), Away(2, 16, 16.5), Away(3, 19.5, 20)]);
    }

    [Fact]
    public void Two_nodes_that_forgot_the_key_and_one_that_is_away_explain_a_loss_together()
    {
        SteadyEvent loss = Loss(SteadyEvent.AllNodes, 0, 20);
        AssertMissed(16.667, 20, loss, [], [Forgot(0, 5), Forgot(1, 9)]);
        AssertHadToBe(loss, [Away(2, 16.5, 19)], [Forgot(0, 5), Forgot(1, 9)]);
        AssertMissed(18, 20, loss, [Away(2, 16.5, 17)], [Forgot(0, 5), Forgot(1, 9)]);
        AssertMissed(16.667, 20, loss, [Away(1, 16.5, 19)], [Forgot(0, 5), Forgot(1, 9)]);
    }

    [Fact]
    public void A_quorum_that_forgot_the_key_explains_a_loss_at_once() =>
        AssertHadToBe(Loss(SteadyEvent.AllNodes, 0, 20), [], [Forgot(0, 5), Forgot(1, 9), Forgot(2, 19.5)]);

    [Fact]
    public void A_node_forgets_no_key_that_it_was_given_afterwards()
    {
        AssertHadToBe(Loss(2, 0, 20), [], [Forgot(2, 3)]);
        AssertMissed(16.667, 20, Loss(1, 0, 20), [], [Forgot(2, 3)]);
        AssertMissed(16.667, 20, Loss(2, 5, 20), [], [Forgot(2, 3)]);
    }

    [Fact]
    public void A_node_that_was_away_at_the_taking_lacks_the_key()
    {
        SteadyEvent loss = Loss(SteadyEvent.AllNodes, 3, 20) with { WithoutKey = NodeTwo };
        DataLoss[] forgot = [Forgot(0, 5), Forgot(1, 9)];
        AssertHadToBe(loss, [Away(2, 1, 2.5)], forgot);
        AssertMissed(16.667, 20, loss, [Away(2, 0.5, 1)], forgot);
        AssertMissed(16.667, 20, loss, [Away(2, 4, 4.5)], forgot);
    }

    [Fact]
    public void A_node_that_is_away_for_long_lets_the_key_expire()
    {
        SteadyEvent loss = Loss(SteadyEvent.AllNodes, 0, 20) with { WithoutKey = NodeTwo };
        DataLoss[] forgot = [Forgot(0, 5), Forgot(1, 9)];
        AssertHadToBe(loss, [Away(2, 10, 12)], forgot);
        AssertMissed(16.667, 20, loss, [Away(2, 10, 10.5), Away(2, 13, 13.5)], forgot);
        AssertHadToBe(loss, [Away(2, 10, 10.5), Away(2, 11, 11.5)], forgot);
    }

    [Fact]
    public void A_node_that_failed_at_the_taking_lacks_the_key_as_it_says_itself()
    {
        SteadyEvent loss = Loss(SteadyEvent.AllNodes, 3, 20) with { NotTakenOn = NodeTwo };
        AssertHadToBe(loss with { WithoutKey = NodeTwo }, [], Forgot(0, 5), Forgot(1, 9));
        AssertMissed(16.667, 20, loss, [], [Forgot(0, 5), Forgot(1, 9)]);
    }

    [Fact]
    public void A_node_that_may_lack_the_key_and_does_not_say_so_has_it()
    {
        SteadyEvent loss = Loss(SteadyEvent.AllNodes, 3, 20) with { WithoutKey = ~NodeTwo };
        AssertMissed(16.667, 20, loss, [Away(2, 1, 2.5)], [Forgot(0, 5), Forgot(1, 9)]);
        AssertMissed(16.667, 20, loss, [Away(2, 10, 12)], [Forgot(0, 5), Forgot(1, 9)]);
    }

    [Fact]
    public void A_node_that_says_that_it_lacks_the_key_has_to_have_a_reason() =>
        AssertMissed(
            16.667, 20, Loss(SteadyEvent.AllNodes, 3, 20) with { WithoutKey = NodeTwo }, [], [Forgot(0, 5), Forgot(1, 9)]);

    [Fact]
    public void A_lock_of_one_node_is_renewed_when_that_is_back() =>
        AssertMissed(16.667, 20, Loss(2, 0, 20), [Away(2, 10, 12.5)]);

    private static SteadyEvent Loss(int node, double taken, double lost) => new(SteadyEventKind.Loss, node, Ticks(taken), Ticks(lost));

    private static Disturbance Away(int node, double start, double end) => new(FaultKind.PauseNode, node, Ticks(start), Ticks(end));

    private static DataLoss Forgot(int node, double at) => new(node, Ticks(at), Ticks(at + 0.5));

    private static long Ticks(double seconds) => (long)(seconds * MonotonicTime.Shared.TimestampFrequency);

    private static void AssertHadToBe(SteadyEvent loss, Disturbance[] disturbances, params DataLoss[] losses) =>
        Assert.Null(new RenewalChances(3, new DoneToNodes(disturbances, losses)).FindMissed(loss));

    private static void AssertMissed(
        double start, double end, SteadyEvent loss, Disturbance[]? disturbances = null, DataLoss[]? losses = null)
    {
        Stretch? missed = new RenewalChances(3, new DoneToNodes(disturbances ?? [], losses ?? [])).FindMissed(loss);
        Assert.NotNull(missed);
        Assert.Equal(start, Seconds(missed.Value.StartTicks), 2);
        Assert.Equal(end, Seconds(missed.Value.EndTicks), 2);
    }

    private static double Seconds(long ticks) => ticks / (double)MonotonicTime.Shared.TimestampFrequency;
}
