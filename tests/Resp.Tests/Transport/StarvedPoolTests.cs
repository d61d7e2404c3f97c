namespace Redlock.Fast.Resp.Tests;

// Alone in the process: other tests could not go on meanwhile.
[CollectionDefinition(nameof(StarvedPoolTests), DisableParallelization = true)]
[Collection(nameof(StarvedPoolTests))]
public sealed class StarvedPoolTests
{
    [Fact]
    public void Timers_fire_while_the_pool_is_blocked()
    {
        using BlockedPool pool = new();
        using ManualResetEventSlim fired = new();
        bool poolWasFreeWhenFired = true;
        using ITimer timer = MonotonicTime.Shared.CreateTimer(
            _ =>
            {
                poolWasFreeWhenFired = !pool.IsBlocked;
                fired.Set();
            },
            null,
            TimeSpan.FromMilliseconds(20),
            Timeout.InfiniteTimeSpan);
        Assert.True(fired.Wait(Eventually.Patience, TestContext.Current.CancellationToken));
        Assert.False(poolWasFreeWhenFired, "The pool was not blocked, so the test proves nothing.");
    }
}
