using Redlock.Fast.Resp;
using Redlock.Fast.Resp.Tests;

namespace Redlock.Fast.Tests;

public class AlarmTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(12_345)]
    public void It_never_rings_before_its_moment(long nanosecondsAhead)
    {
        // Finer than the ticks that a timer takes: rounded down, it would ring at once, find nothing due, and be set for the same moment again.
        NanosecondClock clock = new();
        new Alarm(clock, new Gate(), () => { }).SetFor(nanosecondsAhead, nowTicks: 0);
        Assert.True(clock.Due.TotalNanoseconds >= nanosecondsAhead, $"It was set for {clock.Due.TotalNanoseconds} ns.");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void What_is_due_rings_at_once(long nanosecondsAhead)
    {
        NanosecondClock clock = new();
        new Alarm(clock, new Gate(), () => { }).SetFor(nanosecondsAhead, nowTicks: 0);
        Assert.Equal(TimeSpan.Zero, clock.Due);
    }

    [Fact]
    public void A_clock_that_rings_while_it_is_set_rings_outside_the_gate()
    {
        Gate gate = new();
        using ManualResetEventSlim rung = new();
        int ringer = 0;
        Alarm alarm = new(new EagerClock(), gate, () =>
        {
            ringer = Environment.CurrentManagedThreadId;
            using (gate.Enter())
            {
                rung.Set();
            }
        });
        using (gate.Enter())
        {
            alarm.SetFor(0, nowTicks: 0);
            Assert.False(rung.IsSet);
        }

        Assert.True(rung.Wait(Inspection.Patience, TestContext.Current.CancellationToken));
        Assert.NotEqual(Environment.CurrentManagedThreadId, ringer);
    }
}
