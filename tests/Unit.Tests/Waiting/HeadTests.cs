using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>What the head of a line asks, and when, under a clock that stands still.</summary>
public class HeadTests
{
    private static readonly TimeSpan _delay = TimeSpan.FromHours(5);

    private static MutexOptions Patient { get; } = MutexOptions.Blocking with
    {
        Expiry = TimeSpan.FromHours(2),
        DelayFunction = _ => _delay,
        NodeTimeLimit = TimeSpan.FromSeconds(1),
    };

    [Theory]
    [InlineData("0", 1)]
    [InlineData("700", 701)]
    public async Task It_asks_again_when_the_lock_that_it_met_is_over(string left, int askedAfter)
    {
        using ScriptedQuorum quorum = new(1);
        Task<LockHandle> waiting = WaitBehindSomebody(quorum, Patient);
        quorum.Clock.Advance(_delay);
        quorum.AnswerAttempts($":{left}\r\n");
        int asked = quorum.Nodes[0].Sent.Count;
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(askedAfter - 1));
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(2));
        Assert.True(quorum.Nodes[0].Sent.Count > asked, "it asks again at the expiry");
        quorum.Nodes[0].Reply(quorum.Nodes[0].Sent.Count - 1, ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsHeld);
    }

    [Fact]
    public async Task A_try_that_the_end_of_the_wait_cuts_short_leaves_it_contended()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(Patient with { DelayFunction = _ => TimeSpan.FromMilliseconds(900) });
        Task<LockResult> waiting = mutex.TryLockAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken).AsTask();
        quorum.AnswerAttempts(ScriptedQuorum.Nil);
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(900));
        Assert.All(quorum.Nodes, node => Assert.True(node.Attempted().IsAttempt));
        long now = quorum.Clock.GetTimestamp();
        Assert.All(quorum.Nodes, node => Assert.Equal(
            TimeSpan.FromSeconds(1), quorum.Clock.GetElapsedTime(now, node.Attempted().Request.DeadlineTicks)));
        Assert.False(waiting.IsCompleted);
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(LockStatus.Contended, (await waiting.SoonAsync()).Status);
        Assert.All(quorum.Nodes, node => Assert.Equal(RedlockScripts.Release.Sha1, node.Sent[^1].Arguments[1]));
        Assert.Equal(0, quorum.Factory.Waiters);
    }

    [Fact]
    public async Task Its_last_try_is_told_and_not_an_older_one()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(Patient with { Tries = 2 });
        Task<LockHandle> waiting = mutex.LockAsync(TestContext.Current.CancellationToken).AsTask();
        quorum.AnswerAttempts(ScriptedQuorum.Nil);
        quorum.Clock.Advance(_delay);
        foreach (ScriptedChannel node in quorum.Nodes)
        {
            node.Fail(node.LatestAttempt(), RequestFailure.ConnectionLost);
        }

        LockFailedException failure = await Assert.ThrowsAsync<LockFailedException>(() => waiting.SoonAsync());
        Assert.Equal(LockStatus.Unavailable, failure.Status);
        Assert.DoesNotContain(failure.Nodes, node => node.Vote == NodeVote.HeldByOther);
    }

    [Fact]
    public async Task Whoever_is_behind_inherits_what_the_head_was_told()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(Patient with { Tries = 2 });
        Task<LockHandle> head = mutex.LockAsync(TestContext.Current.CancellationToken).AsTask();
        quorum.AnswerAttempts(ScriptedQuorum.Nil);
        Task<LockResult> behind = mutex.TryLockAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken).AsTask();
        Assert.Equal(2, quorum.Factory.Waiters);
        int sent = quorum.Nodes[0].Sent.Count;
        quorum.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(LockStatus.Contended, (await behind.SoonAsync()).Status);
        Assert.Contains(mutex.LastAttemptByAnyone, node => node.Vote == NodeVote.HeldByOther);
        Assert.Equal(sent, quorum.Nodes[0].Sent.Count);
        Assert.False(head.IsCompleted);
    }

    private static Task<LockHandle> WaitBehindSomebody(ScriptedQuorum quorum, MutexOptions options)
    {
        Task<LockHandle> waiting = quorum.Mutex(options).LockAsync(TestContext.Current.CancellationToken).AsTask();
        quorum.AnswerAttempts(ScriptedQuorum.Nil);
        Assert.Equal(1, quorum.Factory.Waiters);
        return waiting;
    }
}
