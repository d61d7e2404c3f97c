using Redlock.Fast.Testing;

namespace Redlock.Fast.Unit.Tests;

public class MutexTimesTests
{
    // One tick of this clock is a tick of a TimeSpan.
    private static readonly ManualTimeProvider _clock = new();

    [Theory]
    [InlineData(8000, 0.01, 7918)]
    [InlineData(1000, 0, 998)]
    [InlineData(1000, 0.5, 498)]
    [InlineData(3, 0, 1)]
    [InlineData(2_073_600_000, 0.01, 2_052_863_998)]
    public void Validity_is_the_expiry_less_the_drift(long expiry, double factor, long validity)
    {
        MutexTimes times = Check(new MutexOptions { Expiry = TimeSpan.FromMilliseconds(expiry), Factor = factor });
        Assert.Equal(expiry, times.ExpiryMilliseconds);
        Assert.Equal(TimeSpan.FromMilliseconds(validity).Ticks, times.ValidityTicks);
    }

    [Fact]
    public void A_broken_millisecond_is_not_asked_for_and_not_relied_on()
    {
        MutexTimes times = Check(new MutexOptions { Expiry = TimeSpan.FromMilliseconds(10.9), Factor = 0 });
        Assert.Equal(10, times.ExpiryMilliseconds);
        Assert.Equal(TimeSpan.FromMilliseconds(8).Ticks, times.ValidityTicks);
    }

    [Theory]
    [InlineData(8000, 400)]
    [InlineData(100, 49)]
    [InlineData(1000, 50)]
    [InlineData(4, 1)]
    [InlineData(99_000, 4950)]
    [InlineData(100_000, 5000)]
    [InlineData(86_400_000, 5000)]
    [InlineData(2_073_600_000, 5000)]
    public void The_usual_node_limit_is_a_twentieth_within_bounds(long expiry, long limit) => Assert.Equal(
        TimeSpan.FromMilliseconds(limit).Ticks,
        Check(new MutexOptions { Expiry = TimeSpan.FromMilliseconds(expiry), Factor = 0 }).NodeLimitTicks);

    [Fact]
    public void A_node_limit_of_one_s_own_is_taken() => Assert.Equal(
        TimeSpan.FromSeconds(3).Ticks,
        Check(new MutexOptions { NodeTimeLimit = TimeSpan.FromSeconds(3) }).NodeLimitTicks);

    private static MutexTimes Check(MutexOptions options) => MutexTimes.Check(options, nodes: 3, _clock);
}
