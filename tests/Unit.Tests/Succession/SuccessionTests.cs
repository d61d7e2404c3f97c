using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public class SuccessionTests
{
    [Fact]
    public async Task A_release_with_somebody_in_line_is_one_frame_that_is_both()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking);
        LockHandle held = await quorum.TakeAsync(mutex);
        Task<LockHandle> waiting = WaitBehind(quorum, mutex);
        ValueTask<UnlockStatus> release = mutex.UnlockAsync(held.Token, TestContext.Current.CancellationToken);
        Assert.All(quorum.Nodes, node => Assert.Equal([RedlockScripts.Take.Sha1, "2"], node.Sent[^1].Arguments[1..3]));
        Assert.All(quorum.Nodes, node => Assert.Equal(held.Token.Value, node.Sent[^1].Arguments[^1]));
        Assert.All(quorum.Nodes, node => Assert.Equal(RequestPriority.Reserved, node.Sent[^1].Request.Priority));
        quorum.AnswerAttempts("+SUCCEEDED\r\n");
        Assert.Equal(UnlockStatus.Released, await release);
        Assert.True((await waiting.SoonAsync()).IsHeld);
        Assert.Equal(0, quorum.Factory.Waiters);
    }

    [Fact]
    public async Task A_lock_that_was_free_already_had_been_lost_and_is_taken()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking);
        LockHandle held = await quorum.TakeAsync(mutex);
        Task<LockHandle> waiting = WaitBehind(quorum, mutex);
        ValueTask<UnlockStatus> release = mutex.UnlockAsync(held.Token, TestContext.Current.CancellationToken);
        quorum.AnswerAttempts("+OK\r\n");
        Assert.Equal(UnlockStatus.NotHeld, await release);
        Assert.True((await waiting.SoonAsync()).IsHeld);
    }

    // An error, or a word that no server of ours says: it may have done nothing, and nobody else would release the predecessor there.
    [Theory]
    [InlineData("-LOADING wait\r\n", "+SUCCEEDED\r\n")]
    [InlineData("+PONG\r\n", "+SUCCEEDED\r\n")]
    [InlineData("*0\r\n", "+SUCCEEDED\r\n")]
    [InlineData("+PONG\r\n", "+PONG\r\n")]
    public async Task On_a_node_that_gives_no_vote_the_predecessor_is_released(string answer, string others)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking);
        LockHandle held = await quorum.TakeAsync(mutex);
        _ = WaitBehind(quorum, mutex);
        _ = mutex.UnlockAsync(held.Token, TestContext.Current.CancellationToken).AsTask();
        ScriptedChannel odd = quorum.Nodes[0];
        odd.Reply(odd.LatestAttempt(), answer);
        Array.ForEach(quorum.Nodes[1..], node => node.Reply(node.LatestAttempt(), others));
        Assert.Contains(odd.Sent, sent => sent.Arguments[1] == RedlockScripts.Release.Sha1 && sent.Arguments[^1] == held.Token.Value);
    }

    [Fact]
    public async Task A_wait_that_is_nearly_over_does_not_shorten_the_release()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking);
        LockHandle held = await quorum.TakeAsync(mutex);
        Task<LockResult> waiting = mutex.TryLockAsync(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken).AsTask();
        quorum.AnswerAttempts(ScriptedQuorum.Nil);
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(99));
        long now = quorum.Clock.GetTimestamp();
        ValueTask<UnlockStatus> release = mutex.UnlockAsync(held.Token, TestContext.Current.CancellationToken);
        Assert.All(quorum.Nodes, node => Assert.True(
            quorum.Clock.GetElapsedTime(now, node.Attempted().Request.DeadlineTicks) >= TimeSpan.FromMilliseconds(400)));
        quorum.AnswerAttempts("+SUCCEEDED\r\n");
        Assert.Equal(UnlockStatus.Released, await release);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_that_forgot_the_script_repeats_it_only_while_the_outcome_is_open(bool isInTime)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking);
        LockHandle held = await quorum.TakeAsync(mutex);
        Task<LockHandle> waiting = WaitBehind(quorum, mutex);
        ValueTask<UnlockStatus> release = mutex.UnlockAsync(held.Token, TestContext.Current.CancellationToken);
        int[] succeed = Array.ConvertAll(quorum.Nodes, LatestAttempts.LatestAttempt);
        RespRequest late = quorum.Nodes[2].Sent[succeed[2]].Request;
        quorum.Nodes[0].Reply(succeed[0], "+SUCCEEDED\r\n");
        if (!isInTime)
        {
            Assert.True(late.Handler!.Wants(late.Tag));
        }

        quorum.Nodes[1].Reply(succeed[1], "+SUCCEEDED\r\n");
        Assert.Equal(UnlockStatus.Released, await release);
        Assert.True((await waiting.SoonAsync()).IsHeld);
        Assert.False(late.Handler!.Wants(late.Tag));
        if (isInTime)
        {
            quorum.Nodes[2].Reply(succeed[2], "-NOSCRIPT No matching script.\r\n");
        }
        else
        {
            quorum.Nodes[2].Fail(succeed[2], RequestFailure.TimedOut);
        }

        string[] sent = quorum.Nodes[2].Sent[^1].Arguments;
        Assert.Equal([RedlockScripts.Release.Sha1, held.Token.Value], [sent[1], sent[^1]]);
    }

    // A line ends a second after its last waiter.
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Handed_on_as_often_as_it_may_be_it_is_released_although_its_line_has_ended_meanwhile(int secondsAlone)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking with { SuccessionLimit = 1 });
        LockHandle held = await quorum.TakeAsync(mutex);
        Task<LockHandle> next = WaitBehind(quorum, mutex);
        ValueTask<UnlockStatus> release = mutex.UnlockAsync(held.Token, TestContext.Current.CancellationToken);
        quorum.AnswerAttempts("+SUCCEEDED\r\n");
        Assert.Equal(UnlockStatus.Released, await release);
        LockHandle handed = await next.SoonAsync();
        quorum.Clock.Advance(TimeSpan.FromSeconds(secondsAlone));
        Task<LockHandle> last = WaitBehind(quorum, mutex);
        ValueTask<UnlockStatus> again = mutex.UnlockAsync(handed.Token, TestContext.Current.CancellationToken);
        Assert.All(quorum.Nodes, node => Assert.Equal(RedlockScripts.Release.Sha1, node.Sent[^1].Arguments[1]));
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(UnlockStatus.Released, await again);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await last.SoonAsync()).IsHeld);
    }

    // Callers who pass a lock on as text, or detach it, would keep it for themselves for ever.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lock_that_is_not_known_to_be_handed_on_seldom_is_released(bool isDetached)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking);
        LockHandle held = await quorum.TakeAsync(mutex);
        LockToken token = isDetached ? held.Detach() : LockToken.Parse(held.Token.Value);
        Task<LockHandle> next = WaitBehind(quorum, mutex);
        ValueTask<UnlockStatus> release = mutex.UnlockAsync(token, TestContext.Current.CancellationToken);
        Assert.All(quorum.Nodes, node => Assert.Equal(RedlockScripts.Release.Sha1, node.Sent[^1].Arguments[1]));
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(UnlockStatus.Released, await release);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await next.SoonAsync()).IsHeld);
    }

    private static Task<LockHandle> WaitBehind(ScriptedQuorum quorum, RedlockMutex mutex)
    {
        Task<LockHandle> waiting = mutex.LockAsync(TestContext.Current.CancellationToken).AsTask();
        quorum.AnswerAttempts(ScriptedQuorum.Nil);
        Assert.Equal(1, quorum.Factory.Waiters);
        return waiting;
    }
}
