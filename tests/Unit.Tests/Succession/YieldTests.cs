using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>Who goes first behind a release, under a clock that stands still.</summary>
public class YieldTests
{
    private static readonly TimeSpan _roundTrip = TimeSpan.FromMilliseconds(10);

    [Theory]
    [InlineData(":2\r\n", true)]
    [InlineData(":3\r\n", true)]
    [InlineData(":1\r\n", false)]
    public async Task Who_is_told_too_late_that_somebody_waits_lets_him_go_first_the_next_time(string late, bool yields)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking);
        await ReleaseAsync(quorum, mutex, late);
        await ReleaseAsync(quorum, mutex, ScriptedQuorum.Done);
        Task<LockHandle> next = mutex.LockAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.Equal(yields ? 1 : 0, quorum.Factory.Waiters);
        Assert.All(quorum.Nodes, node => Assert.NotEqual(yields, node.Sent[^1].IsAttempt));
        quorum.Clock.Advance(_roundTrip);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await next.SoonAsync()).IsHeld);
    }

    [Fact]
    public async Task Whoever_was_expected_once_and_never_came_is_not_waited_for_again()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking);
        await ReleaseAsync(quorum, mutex, ":2\r\n");
        await ReleaseAsync(quorum, mutex, ScriptedQuorum.Done);
        quorum.Clock.Advance(_roundTrip);
        await ReleaseAsync(quorum, mutex, ScriptedQuorum.Done);
        ValueTask<LockHandle> next = mutex.LockAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, quorum.Factory.Waiters);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await next).IsHeld);
    }

    /// <summary>Takes and releases; the last node answers the release when its caller has heard already.</summary>
    private static async Task ReleaseAsync(ScriptedQuorum quorum, RedlockMutex mutex, string last)
    {
        LockHandle held = await quorum.TakeAsync(mutex);
        ValueTask<UnlockStatus> release = mutex.UnlockAsync(held.Token, TestContext.Current.CancellationToken);
        int[] sent = Array.ConvertAll(quorum.Nodes, node => node.Sent.Count - 1);
        quorum.Clock.Advance(_roundTrip);
        quorum.Nodes[0].Reply(sent[0], ScriptedQuorum.Done);
        quorum.Nodes[1].Reply(sent[1], ScriptedQuorum.Done);
        Assert.Equal(UnlockStatus.Released, await release);
        quorum.Nodes[2].Reply(sent[2], last);
    }
}
