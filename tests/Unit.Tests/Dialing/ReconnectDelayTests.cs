using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public sealed class ReconnectDelayTests
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(500);

    [Fact]
    public void It_doubles_up_to_the_longest_with_jitter()
    {
        ReconnectDelay delay = new(Shortest, Longest, NodeScheduler.Threads);
        double[] nominal = [20, 40, 80, 160, 320, 500, 500, 500];
        foreach (double milliseconds in nominal)
        {
            Assert.InRange(delay.Next().TotalMilliseconds, milliseconds / 2, milliseconds);
        }

        delay.Reset();
        Assert.InRange(delay.Next().TotalMilliseconds, 10, 20);
    }

    [Fact]
    public void It_stays_bounded_for_ever()
    {
        ReconnectDelay delay = new(Shortest, Longest, NodeScheduler.Threads);
        HashSet<TimeSpan> seen = [];
        for (int failure = 0; failure < 10_000; failure++)
        {
            TimeSpan next = delay.Next();
            Assert.InRange(next, Shortest / 2, Longest);
            seen.Add(next);
        }

        Assert.True(seen.Count > 100, "Without jitter all clients return in step.");
    }

    [Fact]
    public void A_shortest_above_the_longest_is_the_longest() =>
        Assert.InRange(new ReconnectDelay(Longest, Shortest, NodeScheduler.Threads).Next(), Shortest / 2, Shortest);
}
