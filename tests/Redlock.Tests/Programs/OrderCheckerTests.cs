using Redlock.Fast.Resp;
using Redlock.Fast.Torture;

namespace Redlock.Fast.Tests;

// Times are in seconds. Who comes 1.1 s later is behind, and 1 s is nothing between two threads that go on.
public class OrderCheckerTests
{
    private static readonly Wait _early = Waited("line-0", 0, 8);

    [Fact]
    public void First_come_first_served_is_in_order() => AssertInOrder(_early, Waited("line-0", 2, 9));

    [Fact]
    public void Who_came_later_and_was_served_before_has_overtaken() => AssertOvertaken(_early, Waited("line-0", 2, 6));

    [Fact]
    public void An_order_in_which_they_were_told_is_nothing() => AssertInOrder(_early, Waited("line-0", 2, 7.5));

    [Fact]
    public void Those_who_came_together_have_no_order() => AssertInOrder(_early, Waited("line-0", 1, 6));

    [Fact]
    public void Another_name_is_another_line() => AssertInOrder(_early, Waited("hot-0", 2, 6));

    [Fact]
    public void Who_gave_up_has_overtaken_nobody() => AssertInOrder(_early, Waited("line-0", 2, 6) with { End = CallEnd.Cancelled });

    [Fact]
    public void Who_was_not_served_was_overtaken_too() =>
        AssertOvertaken(_early with { End = CallEnd.Contended }, Waited("line-0", 2, 6));

    [Fact]
    public void A_process_that_had_no_processor_is_late_by_as_much()
    {
        AssertInOrder(Life(_early, Waited("line-0", 2, 6)) with { Stalls = [Part(6, 7.5)] });
        AssertInOrder(Life(_early, Waited("line-0", 2, 6)) with { Stalls = [Part(0.5, 2)] });
    }

    private static long Ticks(double seconds) => (long)(seconds * MonotonicTime.Shared.TimestampFrequency);

    private static Stretch Part(double start, double end) => new(Ticks(start), Ticks(end));

    private static Wait Waited(string name, double start, double end) =>
        new(name, Ticks(start), Ticks(start + 8), Ticks(end), CallEnd.Acquired);

    private static History Life(params Wait[] waits) => new([], waits, [], new Dictionary<CallEnd, long>(), HandedOn: 0);

    private static void AssertInOrder(params Wait[] waits) => AssertInOrder(Life(waits));

    private static void AssertInOrder(History life) => Assert.Empty(OrderChecker.Check(life));

    private static void AssertOvertaken(params Wait[] waits) =>
        Assert.Contains("overtook", Assert.Single(OrderChecker.Check(Life(waits))), StringComparison.Ordinal);
}
