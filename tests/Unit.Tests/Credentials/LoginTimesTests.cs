using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public sealed class LoginTimesTests
{
    [Theory]
    [InlineData(3600, 0, 2520)]
    [InlineData(3600, 0.5, 2700)]
    [InlineData(10, 0.5, 7.5)]
    [InlineData(0.01, 0.5, 0.1)]
    [InlineData(-5, 0.5, 0.1)]
    public void A_login_is_renewed_when_a_quarter_of_its_life_is_left(double left, double jitter, double expected) =>
        Assert.Equal(expected, LoginTimes.UntilRenewal(TimeSpan.FromSeconds(left), jitter).TotalSeconds, tolerance: 0.001);

    [Theory]
    [InlineData(1, 3600, 1)]
    [InlineData(30, 3600, 30)]
    [InlineData(30, 60, 15)]
    [InlineData(30, 0.1, 0.1)]
    [InlineData(0.001, 3600, 0.1)]
    [InlineData(30, 0, 30)]
    [InlineData(30, -60, 30)]
    public void Before_the_end_there_is_time_for_more_than_one_retry(double pause, double left, double expected) =>
        Assert.Equal(
            expected,
            LoginTimes.UntilRetry(TimeSpan.FromSeconds(pause), TimeSpan.FromSeconds(left)).TotalSeconds,
            tolerance: 0.001);
}
