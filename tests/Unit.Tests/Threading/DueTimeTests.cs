using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public sealed class DueTimeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(12_345)]
    public void No_timer_is_set_for_less_than_is_left(long nanosecondsAhead)
    {
        // Finer than the ticks that a timer takes: rounded down, it would fire at once, find nothing due, and be set for the same moment
        // again.
        TimeSpan due = DueTime.Until(nanosecondsAhead, nowTicks: 0, new NanosecondClock());
        Assert.True(due.TotalNanoseconds >= nanosecondsAhead, $"It is set for {due.TotalNanoseconds} ns.");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void What_is_due_fires_at_once(long nanosecondsAhead) =>
        Assert.Equal(TimeSpan.Zero, DueTime.Until(nanosecondsAhead, nowTicks: 0, new NanosecondClock()));

    [Fact]
    public void What_is_far_away_wakes_on_the_way() =>
        Assert.Equal(TimeSpan.FromDays(24), DueTime.Until(long.MaxValue / 4, nowTicks: 0, new NanosecondClock()));
}
