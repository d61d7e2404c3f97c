namespace Redlock.Fast.Unit.Tests;

/// <summary>Who ends a factory waits for what was posted.</summary>
public class PostedAtTheEndTests
{
    private static readonly MutexOptions _posting = MutexOptions.NonBlocking with { Release = ReleaseMode.Posted };

    public enum Style
    {
        Awaited = 0,
        Blocking,
    }

    [Theory]
    [InlineData(Style.Awaited)]
    [InlineData(Style.Blocking)]
    public async Task The_end_of_the_factory_waits_until_they_have_ended(Style style)
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.Mutex(_posting with { NodeTimeLimit = TimeSpan.FromSeconds(7) }));
        await held.DisposeAsync();
        Task ending = await BegunAsync(quorum.Factory, style);
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        Assert.False(ending.IsCompleted);
        quorum.Nodes[1].Reply(1, ScriptedQuorum.Done);
        await ending.SoonAsync();
        Assert.True(quorum.Factory.IsDisposed);
    }

    [Theory]
    [InlineData(Style.Awaited)]
    [InlineData(Style.Blocking)]
    public async Task It_does_not_wait_for_ever_under_a_clock_that_stands_still(Style style)
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.Mutex(_posting with { NodeTimeLimit = TimeSpan.FromMilliseconds(1) }));
        await held.DisposeAsync();
        await (await BegunAsync(quorum.Factory, style)).SoonAsync();
        Assert.True(quorum.Factory.ArePostedPending);
    }

    /// <summary>Ends the factory, and goes on when that waits for something, or has ended.</summary>
    private static async Task<Task> BegunAsync(RedlockFactory factory, Style style)
    {
        if (style == Style.Awaited)
        {
            return factory.DisposeAsync().AsTask();
        }

        TaskCompletionSource ended = new();
        Thread thread = new(() =>
        {
            factory.Dispose();
            ended.SetResult();
        });
        thread.Start();
        await Eventually.Holds(() => (thread.ThreadState & (ThreadState.WaitSleepJoin | ThreadState.Stopped)) != 0);
        return ended.Task;
    }
}
