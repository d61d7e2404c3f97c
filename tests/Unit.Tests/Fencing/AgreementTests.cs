using Redlock.Fast.Resp;
using static Redlock.Fast.Unit.Tests.FencedQuorum;

namespace Redlock.Fast.Unit.Tests;

/// <summary>How a fenced attempt comes to its number.</summary>
public class AgreementTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_quorum_that_agrees_is_enough()
    {
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex(Fenced).TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, Ok(7));
        Assert.False(pending.IsCompleted);
        quorum.Nodes[2].Reply(0, Ok(7));
        Assert.True(pending.IsCompleted);
        LockResult result = await pending;
        Assert.Equal(7, result.FencingToken);
        Assert.Equal(7, result.Handle.FencingToken);
        Assert.All(quorum.Nodes, node => Assert.Single(node.Sent));
    }

    [Fact]
    public async Task A_straggler_s_number_changes_nothing()
    {
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex(Fenced).TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, Ok(7));
        quorum.Nodes[2].Reply(0, Ok(7));
        quorum.Nodes[1].Reply(0, Ok(100));
        Assert.Equal(7, (await pending).FencingToken);
    }

    [Fact]
    public async Task Numbers_that_differ_are_raised_to_the_largest_on_a_quorum()
    {
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex(Fenced).TryLockAsync(Token);
        string owner = quorum.Nodes[0].Sent[0].Arguments[5];
        quorum.Nodes[0].Reply(0, Ok(7));
        quorum.Nodes[2].Reply(0, Ok(9));
        Assert.False(pending.IsCompleted);
        Assert.All(quorum.Nodes, node => Assert.Equal(
            ["EVALSHA", FencingScripts.Raise.Sha1, "2", "door", "{door}:fence", owner, "8000", "0000000000000009", "86408000"],
            node.Sent[1].Arguments));
        quorum.Nodes[1].Reply(0, Ok(70));
        quorum.Nodes[1].Reply(1, ScriptedQuorum.Done);
        Assert.False(pending.IsCompleted);
        quorum.Nodes[2].Reply(1, ScriptedQuorum.Done);
        LockResult result = await pending;
        Assert.Equal(LockStatus.Acquired, result.Status);
        Assert.Equal(9, result.FencingToken);
    }

    [Fact]
    public async Task A_node_that_refused_is_not_asked_to_raise_and_stays_refused()
    {
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex(Fenced).TryLockAsync(Token);
        quorum.Nodes[1].Reply(0, ":5000\r\n");
        quorum.Nodes[0].Reply(0, Ok(7));
        quorum.Nodes[2].Reply(0, Ok(9));
        Assert.Single(quorum.Nodes[1].Sent);
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        quorum.Nodes[2].Reply(1, ScriptedQuorum.Someone);
        Assert.Equal(LockStatus.Contended, (await pending).Status);
        Assert.Single(quorum.Nodes[1].Sent);
        AssertReleasedBehindItsRaise(quorum.Nodes[0], sent: 3);

        // Somebody else's is left to him.
        Assert.Equal(2, quorum.Nodes[2].Sent.Count);
    }

    [Fact]
    public async Task A_raise_that_fails_is_withdrawn_on_every_node_that_may_have_granted()
    {
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex(Fenced).TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, Ok(7));
        quorum.Nodes[0].Refusal = RequestFailure.QueueFull;
        quorum.Nodes[2].Reply(0, Ok(9));
        quorum.Nodes[0].Refusal = RequestFailure.None;
        Assert.Single(quorum.Nodes[0].Sent);
        quorum.Nodes[1].Fail(1, RequestFailure.TimedOut);
        LockResult result = await pending;
        Assert.Equal(LockStatus.Unavailable, result.Status);
        Assert.Equal(0, result.FencingToken);

        // The node that took no second frame is released behind the first one.
        ScriptedFrame release = quorum.Nodes[0].Sent[1];
        Assert.Same(RedlockScripts.Release, release.Request.Script);
        Assert.Equal(quorum.Nodes[0].Sent[0].Ticket, release.Request.Behind);
        AssertReleasedBehindItsRaise(quorum.Nodes[1], sent: 3);
        AssertReleasedBehindItsRaise(quorum.Nodes[2], sent: 3);
    }

    [Fact]
    public async Task A_cancellation_in_the_second_round_ends_it_at_once()
    {
        using ScriptedQuorum quorum = new(3);
        using CancellationTokenSource source = new();
        ValueTask<LockResult> pending = quorum.Mutex(Fenced).TryLockAsync(source.Token);
        quorum.Nodes[0].Reply(0, Ok(7));
        quorum.Nodes[2].Reply(0, Ok(9));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pending);
        Assert.All(quorum.Nodes, node => AssertReleasedBehindItsRaise(node, sent: 3));
    }

    [Fact]
    public async Task The_second_round_is_no_longer_than_the_attempt_is_good_for()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(Fenced with { NodeTimeLimit = TimeSpan.FromSeconds(7) });
        ValueTask<LockResult> pending = mutex.TryLockAsync(Token);
        long start = quorum.Clock.GetTimestamp();
        quorum.Clock.Advance(TimeSpan.FromSeconds(6));
        quorum.Nodes[0].Reply(0, Ok(7));
        quorum.Nodes[2].Reply(0, Ok(9));
        Assert.Equal(
            KeptQuorum.Validity, quorum.Clock.GetElapsedTime(start, quorum.Nodes[0].Sent[1].Request.DeadlineTicks));
        quorum.Clock.Advance(TimeSpan.FromSeconds(2));
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        quorum.Nodes[2].Reply(1, ScriptedQuorum.Done);
        Assert.Equal(LockStatus.Unavailable, (await pending).Status);
        AssertReleasedBehindItsRaise(quorum.Nodes[0], sent: 3);
    }

    [Fact]
    public async Task The_second_round_of_a_wait_that_is_over_has_what_is_left_of_the_attempt()
    {
        using ScriptedQuorum quorum = new(3);
        long start = quorum.Clock.GetTimestamp();
        ValueTask<LockResult> pending = quorum.Mutex(Fenced).TryLockAsync(TimeSpan.FromMilliseconds(10), Token);
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(300));
        quorum.Nodes[0].Reply(0, Ok(7));
        quorum.Nodes[2].Reply(0, Ok(9));
        Assert.Equal(
            TimeSpan.FromMilliseconds(400), quorum.Clock.GetElapsedTime(start, quorum.Nodes[0].Sent[1].Request.DeadlineTicks));
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        quorum.Nodes[2].Reply(1, ScriptedQuorum.Done);
        Assert.True((await pending).IsAcquired);
    }

    [Fact]
    public async Task A_late_reply_to_the_first_round_is_no_vote_in_the_second()
    {
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex(Fenced).TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, Ok(7));
        quorum.Nodes[2].Reply(0, Ok(9));
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        quorum.Nodes[1].Reply(0, Ok(9));
        quorum.Nodes[0].Reply(0, Ok(7));
        Assert.False(pending.IsCompleted);
        quorum.Nodes[2].Reply(1, ScriptedQuorum.Done);
        Assert.Equal(9, (await pending).FencingToken);
    }

    [Theory]
    [InlineData("+OK\r\n")]
    [InlineData("+OK 0\r\n")]
    [InlineData("+OK -3\r\n")]
    [InlineData("+OK 9007199254740992\r\n")]
    [InlineData("+OK 7 8\r\n")]
    [InlineData("+OK seven\r\n")]
    [InlineData("+PONG 7\r\n")]
    [InlineData("-FENCE {door}:fence: WRONGTYPE Operation against a key holding the wrong kind of value\r\n")]
    public async Task What_is_no_number_is_no_vote(string reply)
    {
        using ScriptedQuorum quorum = new(1);
        ValueTask<LockResult> pending = quorum.Mutex(Fenced).TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, reply);
        Assert.Equal(LockStatus.Unavailable, (await pending).Status);
    }

    [Fact]
    public async Task A_first_attempt_leaves_no_mark_and_one_that_waits_does()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking with { Fenced = true });
        Task<LockHandle> waiting = mutex.LockAsync(Token).AsTask();
        Assert.All(quorum.Nodes, node => Assert.Equal(["2", "door", "{door}:fence"], node.Sent[0].Arguments[2..5]));
        quorum.AnswerAttempts(":100\r\n");
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(101));
        ScriptedChannel asked = quorum.Nodes.Single(node => node.Count(FencingScripts.Take) == 2);
        Assert.Equal(["3", "door", "{door}:fence", "{door}:waiting"], asked.Sent[^1].Arguments[2..6]);
        asked.Answer(FencingScripts.Take, Ok(5));
        foreach (ScriptedChannel other in quorum.Nodes.Where(node => node != asked))
        {
            other.Answer(FencingScripts.Take, Ok(5));
        }

        Assert.Equal(5, (await waiting.SoonAsync()).FencingToken);
    }

    [Fact]
    public async Task A_succession_has_a_number_of_its_own_and_the_releaser_hears_the_same_votes()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking with { Fenced = true });
        ValueTask<LockHandle> taking = mutex.LockAsync(Token);
        quorum.ReplyAll(Ok(5));
        LockHandle held = await taking;
        Task<LockHandle> waiting = mutex.LockAsync(Token).AsTask();
        quorum.AnswerAttempts(":7000\r\n");
        ValueTask<UnlockStatus> release = mutex.UnlockAsync(held.Token, Token);
        Assert.All(quorum.Nodes, node => Assert.Equal(held.Token.Value, node.Sent[^1].Arguments[^1]));
        quorum.Nodes[0].Answer(FencingScripts.Take, "+SUCCEEDED 6\r\n");
        quorum.Nodes[1].Answer(FencingScripts.Take, "+SUCCEEDED 8\r\n");
        Assert.Equal(UnlockStatus.Released, await release);
        Assert.False(waiting.IsCompleted);
        quorum.Nodes[0].Answer(FencingScripts.Raise, ScriptedQuorum.Done);
        quorum.Nodes[1].Answer(FencingScripts.Raise, ScriptedQuorum.Done);
        Assert.Equal(8, (await waiting.SoonAsync()).FencingToken);
    }

    [Fact]
    public async Task An_extension_keeps_the_number_and_tells_it()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(Fenced);
        ValueTask<LockResult> taking = mutex.TryLockAsync(Token);
        quorum.ReplyAll(Ok(5));
        LockToken token = (await taking).Token;
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(token, Token);
        Assert.All(quorum.Nodes, node => Assert.Equal("0000000000000005", node.Sent[^1].Arguments[7]));
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(5, (await extending).Token.FencingToken);
    }

    [Theory]
    [InlineData(59)]
    [InlineData(365.5 * 24 * 3600)]
    public void A_counter_lives_a_minute_to_a_year(double seconds)
    {
        using ScriptedQuorum quorum = new(1);
        ArgumentOutOfRangeException refused = Assert.Throws<ArgumentOutOfRangeException>(
            () => quorum.Mutex(Fenced with { FenceLife = TimeSpan.FromSeconds(seconds) }));
        Assert.Contains("between 1 minute and 365 days", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_span_names_the_script_that_takes_a_fenced_lock()
    {
        using SpanLog log = new();
        using ScriptedQuorum quorum = new(1);
        ValueTask<LockResult> pending = quorum.Mutex(Fenced).TryLockAsync(Token);
        quorum.ReplyAll(Ok(5));
        await pending;
        Assert.Equal(FencingScripts.Take.Sha1, Assert.Single(log.Stopped).GetTagItem("db.stored_procedure.name"));
    }

    private static void AssertReleasedBehindItsRaise(ScriptedChannel node, int sent)
    {
        Assert.Equal(sent, node.Sent.Count);
        ScriptedFrame release = node.Sent[^1];
        Assert.Same(RedlockScripts.Release, release.Request.Script);

        // One that undoes a frame that is not sent yet would not be sent either, and the lock would stay.
        Assert.False(release.Request.Undoes.IsTaken);
        Assert.Equal(node.Sent[1].Ticket, release.Request.Behind);
    }
}
