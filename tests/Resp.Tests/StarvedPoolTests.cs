namespace Redlock.Fast.Resp.Tests;

// Alone in the process: other tests could not go on meanwhile.
[CollectionDefinition(nameof(StarvedPoolTests), DisableParallelization = true)]
[Collection(nameof(StarvedPoolTests))]
public sealed class StarvedPoolTests
{
    // The pool adds about a thread every half second, so this many keep it starved for half a minute.
    private const int MoreThanThePoolAdds = 64;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void TimersFireWhileThePoolIsBlocked()
    {
        ThreadPool.GetMinThreads(out int atOnce, out _);
        int blockers = Math.Max(ThreadPool.ThreadCount, atOnce) + MoreThanThePoolAdds;
        using ManualResetEvent release = new(false);
        using CountdownEvent ended = new(blockers + 1);
        using ManualResetEventSlim fired = new();
        bool poolWasFree = false;
        bool poolWasFreeWhenFired = true;
        try
        {
            for (int i = 0; i < blockers; i++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(
                    _ =>
                    {
                        release.WaitOne();
                        ended.Signal();
                    },
                    null);
            }

            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    Volatile.Write(ref poolWasFree, true);
                    ended.Signal();
                },
                null);

            using ITimer timer = MonotonicTime.Shared.CreateTimer(
                _ =>
                {
                    poolWasFreeWhenFired = Volatile.Read(ref poolWasFree);
                    fired.Set();
                },
                null,
                TimeSpan.FromMilliseconds(20),
                Timeout.InfiniteTimeSpan);
            Assert.True(fired.Wait(Patience, TestContext.Current.CancellationToken));
            Assert.False(poolWasFreeWhenFired, "The pool was not blocked, so the test proves nothing.");
        }
        finally
        {
            release.Set();
            ended.Wait(Patience, CancellationToken.None);
        }
    }
}
