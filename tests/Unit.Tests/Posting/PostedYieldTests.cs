namespace Redlock.Fast.Unit.Tests;

/// <summary>
/// A lock that goes out right behind a posted release is there before anybody elsewhere who was woken by it: he must get his turn all
/// the same.
/// </summary>
public class PostedYieldTests
{
    private static readonly TimeSpan _roundTrip = TimeSpan.FromMilliseconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, ":2\r\n", true)]
    [InlineData(3, ":2\r\n", true)]
    [InlineData(3, ":3\r\n", true)]
    [InlineData(1, ":1\r\n", false)]
    [InlineData(3, ":1\r\n", false)]
    public async Task Whoever_overtook_somebody_lets_him_go_first_the_next_time(int nodes, string first, bool yields)
    {
        using ScriptedQuorum quorum = new(nodes);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking with { Release = ReleaseMode.Posted });
        LockHandle held = await quorum.TakeAsync(mutex);
        await held.DisposeAsync();
        ValueTask<LockHandle> overtaking = mutex.LockAsync(Token);
        quorum.Clock.Advance(_roundTrip);
        quorum.ReplyAllAt(1, first);
        quorum.ReplyAllAt(2, ScriptedQuorum.Ok);
        held = await overtaking;
        quorum.Clock.Advance(2 * _roundTrip);

        await held.DisposeAsync();
        Task<LockHandle> next = mutex.LockAsync(Token).AsTask();
        Assert.Equal(yields ? 1 : 0, quorum.Factory.Waiters);
        Assert.All(quorum.Nodes, node => Assert.NotEqual(yields, node.Sent[^1].IsAttempt));

        // It is gone, and now it is known how long the others take.
        quorum.Clock.Advance(_roundTrip);
        quorum.ReplyAllAt(3, ScriptedQuorum.Done);
        Assert.All(quorum.Nodes, node => Assert.NotEqual(yields, node.Sent[^1].IsAttempt));
        quorum.Clock.Advance(_roundTrip);
        Assert.Contains(quorum.Nodes, node => node.Sent[^1].IsAttempt);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        if (nodes > 1 && yields)
        {
            // Whoever was woken by its own clock asks the first node first.
            quorum.AnswerAttempts(ScriptedQuorum.Ok);
        }

        Assert.True((await next.SoonAsync()).IsHeld);
    }

    [Fact]
    public async Task Whoever_waits_for_an_outcome_does_not_wait_longer_when_there_is_none()
    {
        using ScriptedQuorum quorum = new(1);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking with { Release = ReleaseMode.Posted, Delay = TimeSpan.FromHours(1) });
        LockHandle held = await quorum.TakeAsync(mutex);
        await held.DisposeAsync();
        quorum.ReplyAllAt(1, ":2\r\n");
        quorum.Clock.Advance(_roundTrip);
        held = await quorum.TakeAsync(mutex);
        await held.DisposeAsync();
        Task<LockHandle> next = mutex.LockAsync(Token).AsTask();
        Assert.Equal(1, quorum.Factory.Waiters);
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(401));
        Assert.True(quorum.Nodes[0].Sent[^1].IsAttempt);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await next.SoonAsync()).IsHeld);
    }
}
