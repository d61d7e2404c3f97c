using Redlock.Fast.Resp;
using Redlock.Fast.Torture;

namespace Redlock.Fast.Tests;

// Times are in seconds. Forgotten is who waits for more than 2.3 s for a free name, which begins 2.5 s after a fault.
public class WaitCheckerTests
{
    [Fact]
    public void A_wait_that_ends_at_its_bound_is_in_order() => AssertInOrder([], Life(Waited("hot-0", 0, 2, 2.5)));

    [Fact]
    public void A_wait_that_outlasts_its_bound_is_wrong() =>
        Assert.Contains("ended Contended after +3.500 s", AssertWrong([], Life(Waited("hot-0", 0, 2, 3.5))), StringComparison.Ordinal);

    [Fact]
    public void A_wait_that_never_ended_is_wrong()
    {
        Wait endless = Waited("hot-0", 0, 2, 2) with { EndTicks = long.MaxValue, End = null };
        Assert.Contains("never ended", AssertWrong([], Life(endless)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_had_no_processor_may_be_late_by_as_much()
    {
        AssertInOrder([], Life(Waited("hot-0", 0, 2, 4.5)) with { Stalls = [Part(1, 3)] });
        AssertWrong([], Life(Waited("hot-0", 0, 2, 4.5)) with { Stalls = [Part(5, 9)] });
    }

    [Fact]
    public void Who_waits_while_the_name_is_free_and_nothing_happens_is_forgotten() =>
        Assert.Contains(
            "'line-0' was free",
            AssertWrong([], Life(Waited("line-0", 1, 9, 8)) with { Claims = [Held("line-0", 2, 4), Held("line-0", 7, 8)] }),
            StringComparison.Ordinal);

    [Fact]
    public void A_name_that_is_held_is_not_free() =>
        AssertInOrder([], Life(Waited("line-0", 1, 9, 8)) with { Claims = [Held("line-0", 2, 5), Held("line-0", 7, 8)] });

    [Fact]
    public void Who_comes_late_was_not_forgotten() =>
        AssertInOrder([], Life(Waited("line-0", 5, 9, 8)) with { Claims = [Held("line-0", 2, 4), Held("line-0", 7, 8)] });

    [Fact]
    public void Of_a_name_that_some_only_try_nothing_is_said() =>
        AssertInOrder([], Life(Waited("hot-0", 1, 9, 8)) with { Claims = [Held("hot-0", 2, 4), Held("hot-0", 7, 8)] });

    [Fact]
    public void A_fault_explains_it_until_all_had_time_to_come_back()
    {
        History life = Life(Waited("line-0", 1, 12, 11)) with { Claims = [Held("line-0", 2, 4), Held("line-0", 10, 11)] };
        AssertInOrder([Part(4.5, 6)], life);
        AssertWrong([Part(3, 4.5)], life);
    }

    [Fact]
    public void What_stalls_another_process_explains_as_much()
    {
        History life = Life(Waited("line-0", 1, 9, 8)) with { Claims = [Held("line-0", 2, 4), Held("line-0", 7, 8)] };
        AssertInOrder([], life, Life() with { Stalls = [Part(5, 6)] });
        AssertWrong([], life, Life() with { Stalls = [Part(1, 3)] });
    }

    private static long Ticks(double seconds) => (long)(seconds * MonotonicTime.Shared.TimestampFrequency);

    private static Stretch Part(double start, double end) => new(Ticks(start), Ticks(end));

    private static Wait Waited(string name, double start, double bound, double end) =>
        new(name, Ticks(start), Ticks(bound), Ticks(end), CallEnd.Contended);

    private static Claim Held(string name, double start, double end) =>
        new(name, $"from {start}", ClaimKind.Acquired, Ticks(start), Ticks(start), Ticks(end), 0b111);

    private static History Life(params Wait[] waits) => new([], waits, [], new Dictionary<CallEnd, long>(), HandedOn: 0);

    private static void AssertInOrder(Stretch[] unrest, params History[] lives) => Assert.Empty(new WaitChecker(unrest).Check(lives));

    private static string AssertWrong(Stretch[] unrest, params History[] lives) => Assert.Single(new WaitChecker(unrest).Check(lives));
}
