using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public class AcquireOperationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_at_quorum_and_what_comes_later_changes_nothing()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        ValueTask<LockResult> pending = mutex.TryLockAsync(Token);
        quorum.Nodes[2].Reply(0, ScriptedQuorum.Ok);
        Assert.False(pending.IsCompleted);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        Assert.True(pending.IsCompleted);
        quorum.Nodes[1].Reply(0, ScriptedQuorum.Nil);

        LockResult result = await pending;
        Assert.Equal(LockStatus.Acquired, result.Status);
        Assert.Equal([NodeVote.Granted, NodeVote.NotAwaited, NodeVote.Granted], mutex.LastAttemptByAnyone.Select(outcome => outcome.Vote));
        Assert.All(
            quorum.Nodes,
            node => Assert.Equal(["SET", "door", result.Token.Value, "NX", "PX", "8000"], Assert.Single(node.Sent).Arguments));
    }

    [Fact]
    public async Task A_node_s_vote_counts_once()
    {
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[0].Fail(0, RequestFailure.TimedOut);
        Assert.False(pending.IsCompleted);
        quorum.Nodes[1].Reply(0, ScriptedQuorum.Ok);
        Assert.True((await pending).IsAcquired);
    }

    [Theory]
    [InlineData(RequestFailure.TimedOutUnsent, 1)]
    [InlineData(RequestFailure.TimedOut, 2)]
    [InlineData(RequestFailure.ConnectionLost, 2)]
    public async Task A_node_that_was_sent_nothing_is_not_asked_to_release(RequestFailure failure, int frames)
    {
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[1].Fail(0, failure);
        quorum.Nodes[2].Fail(0, failure);
        Assert.Equal(LockStatus.Unavailable, (await pending).Status);
        ScriptedChannel.AssertWithdrawnBehindItsSet(quorum.Nodes[0]);
        Assert.All(quorum.Nodes[1..], node => Assert.Equal(frames, node.Sent.Count));
    }

    [Fact]
    public async Task Cleans_up_behind_each_SET_that_was_not_answered_with_nil()
    {
        using ScriptedQuorum quorum = new(5);
        quorum.Nodes[3].Connection = 7;
        quorum.Nodes[4].Refusal = RequestFailure.NotConnected;
        RedlockMutex mutex = quorum.Mutex();
        ValueTask<LockResult> pending = mutex.TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Nil);
        quorum.Nodes[1].Reply(0, ScriptedQuorum.Ok);
        Assert.False(pending.IsCompleted);
        quorum.Nodes[2].Fail(0, RequestFailure.TimedOut);

        // Node 3 is missing still, and whatever it says there is no quorum: 1 + itself of 5.
        Assert.Equal(LockStatus.Unavailable, (await pending).Status);
        Assert.Equal(
            [NodeVote.HeldByOther, NodeVote.Granted, NodeVote.Failed, NodeVote.NotAwaited, NodeVote.Failed],
            mutex.LastAttemptByAnyone.Select(outcome => outcome.Vote));
        Assert.Single(quorum.Nodes[0].Sent);
        Assert.Empty(quorum.Nodes[4].Sent);
        Assert.All(quorum.Nodes[1..4], ScriptedChannel.AssertWithdrawnBehindItsSet);
    }

    [Fact]
    public async Task Contention_cleans_up_too()
    {
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Nil);
        quorum.Nodes[1].Reply(0, ScriptedQuorum.Nil);
        LockResult result = await pending;
        Assert.Equal(LockStatus.Contended, result.Status);
        Assert.True(result.Token.IsDefault);
        Assert.Single(quorum.Nodes[0].Sent);
        Assert.Single(quorum.Nodes[1].Sent);
        ScriptedChannel.AssertWithdrawnBehindItsSet(quorum.Nodes[2]);
    }

    [Fact]
    public async Task Cleans_up_on_no_connection_but_the_one_that_carried_the_SET()
    {
        using ScriptedQuorum quorum = new(1);
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.Nodes[0].Connection = 2;
        quorum.Nodes[0].Fail(0, RequestFailure.ConnectionLost);
        Assert.Equal(LockStatus.Unavailable, (await pending).Status);
        Assert.Single(quorum.Nodes[0].Sent);
    }

    [Fact]
    public async Task The_deadline_counts_from_before_the_first_byte()
    {
        using ScriptedQuorum quorum = new(3);
        quorum.Nodes[0].Sending = () => quorum.Clock.Advance(TimeSpan.FromSeconds(1));
        long start = quorum.Clock.GetTimestamp();
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.Clock.Advance(TimeSpan.FromSeconds(1));
        quorum.ReplyAll(ScriptedQuorum.Ok);
        LockToken token = (await pending).Token;
        Assert.Equal(start + TimeSpan.FromMilliseconds(7918).Ticks, token.DeadlineTicks);
        Assert.All(quorum.Nodes, node => Assert.Equal(start + TimeSpan.FromMilliseconds(400).Ticks, node.Sent[0].Request.DeadlineTicks));
    }

    [Theory]
    [InlineData(7917, LockStatus.Acquired)]
    [InlineData(7918, LockStatus.Unavailable)]
    public async Task A_lock_that_is_dead_when_it_is_handed_over_is_not_handed_over(int delayMilliseconds, LockStatus expected)
    {
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[1].Reply(0, ScriptedQuorum.Ok);
        Assert.True(pending.IsCompletedSuccessfully);
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(delayMilliseconds));
        LockResult result = await pending;
        Assert.Equal(expected, result.Status);
        Assert.Equal(expected != LockStatus.Acquired, result.Token.IsDefault);
        if (expected != LockStatus.Acquired)
        {
            Assert.All(quorum.Nodes, ScriptedChannel.AssertReleasedBehindItsSet);
        }
    }

    [Fact]
    public async Task A_quorum_that_comes_too_late_cleans_up_once()
    {
        using ScriptedQuorum quorum = new(1);
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.Clock.Advance(TimeSpan.FromSeconds(8));
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        Assert.Equal(LockStatus.Unavailable, (await pending).Status);
        ScriptedChannel.AssertReleasedBehindItsSet(quorum.Nodes[0]);
    }

    [Fact]
    public async Task Replies_to_an_earlier_use_of_the_operation_are_not_votes()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        ValueTask<LockResult> first = mutex.TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[1].Reply(0, ScriptedQuorum.Ok);
        Assert.True((await first).IsAcquired);

        ValueTask<LockResult> second = mutex.TryLockAsync(Token);
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Nil);
        Assert.Same(quorum.Nodes[2].Sent[0].Request.Handler, quorum.Nodes[2].Sent[1].Request.Handler);
        quorum.Nodes[2].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[2].Fail(0, RequestFailure.ConnectionLost);
        Assert.False(second.IsCompleted);
        quorum.Nodes[1].Reply(1, ScriptedQuorum.Nil);
        Assert.Equal(LockStatus.Contended, (await second).Status);
    }

    [Fact]
    public async Task Replies_to_an_earlier_try_are_not_votes()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(new MutexOptions { Tries = 2, DelayFunction = _ => TimeSpan.FromSeconds(1) });
        ValueTask<LockHandle> handle = mutex.LockAsync(Token);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Nil);
        quorum.Nodes[1].Reply(0, ScriptedQuorum.Nil);
        quorum.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, quorum.Nodes[2].Sent.Count);
        quorum.Nodes[2].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Ok);
        Assert.False(handle.IsCompleted);
        quorum.Nodes[2].Reply(2, ScriptedQuorum.Ok);
        Assert.Equal(quorum.Nodes[2].Sent[2].Owner, (await handle).Value);
    }

    [Fact]
    public async Task Each_try_has_an_owner_id_of_its_own_and_the_last_is_followed_by_no_wait()
    {
        using ScriptedQuorum quorum = new(1);
        List<int> waits = [];
        RedlockMutex mutex = quorum.Mutex(new MutexOptions
        {
            Tries = 3,
            DelayFunction = attempt =>
            {
                waits.Add(attempt);
                return TimeSpan.FromSeconds(attempt);
            },
        });
        ValueTask<LockHandle> pending = mutex.LockAsync(Token);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Nil);
        quorum.Clock.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
        Assert.Single(quorum.Nodes[0].Sent);
        quorum.Clock.Advance(TimeSpan.FromTicks(1));
        quorum.Nodes[0].Refuse(1);
        quorum.Clock.Advance(TimeSpan.FromSeconds(2));
        quorum.Nodes[0].Refuse(2);
        Assert.True(pending.IsCompleted);
        LockFailedException failure = await Assert.ThrowsAsync<LockFailedException>(async () => await pending);
        Assert.Equal(3, failure.Tries);
        Assert.Equal([1, 2], waits);
        Assert.Equal(3, quorum.Nodes[0].Sent.Select(frame => frame.Owner).Distinct().Count());
    }

    [Fact]
    public async Task A_delay_function_that_throws_ends_the_lock_with_its_exception()
    {
        using ScriptedQuorum quorum = new(1);
        RedlockMutex mutex = quorum.Mutex(new MutexOptions { DelayFunction = _ => throw new InvalidTimeZoneException() });
        ValueTask<LockHandle> pending = mutex.LockAsync(Token);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Nil);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await pending);
        ValueTask<LockResult> next = mutex.TryLockAsync(Token);
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Ok);
        Assert.True((await next).IsAcquired);
    }

    [Fact]
    public async Task Awaiting_twice_is_refused()
    {
        using ScriptedQuorum quorum = new(1);
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        Assert.True((await pending).IsAcquired);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pending);
    }

    [Fact]
    public async Task Taking_the_result_too_early_is_refused_and_harms_nothing()
    {
        using ScriptedQuorum quorum = new(1);
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
#pragma warning disable CA2012, xUnit1031 // The misuse is what is tested.
        Assert.Throws<InvalidOperationException>(() => pending.GetAwaiter().GetResult());
#pragma warning restore CA2012, xUnit1031
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        Assert.True((await pending).IsAcquired);
    }

    [Theory]
    [InlineData("-OOM command not allowed\r\n", NodeVote.Failed, "OOM command not allowed")]
    [InlineData("-LOADING Redis is loading\r\n", NodeVote.Failed, "LOADING")]
    [InlineData("-READONLY You can't write\r\n", NodeVote.Misconfigured, "READONLY")]
    [InlineData("-MOVED 1 127.0.0.1:7000\r\n", NodeVote.Misconfigured, "MOVED")]
    [InlineData("-NOAUTH\r\n", NodeVote.Misconfigured, "NOAUTH")]
    [InlineData(":1\r\n", NodeVote.Failed, "unexpected kind (Integer): 1")]
    [InlineData("+QUEUED\r\n", NodeVote.Failed, "QUEUED")]
    [InlineData("$2\r\nOK\r\n", NodeVote.Failed, "unexpected kind (BulkString)")]
    [InlineData("*1\r\n+OK\r\n", NodeVote.Failed, "unexpected kind (Array)")]
    public async Task What_is_no_vote_is_a_failed_one_and_is_quoted(string reply, NodeVote vote, string quoted)
    {
        using ScriptedQuorum quorum = new(1);
        RedlockMutex mutex = quorum.Mutex();
        ValueTask<LockResult> pending = mutex.TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, reply);
        Assert.Equal(LockStatus.Unavailable, (await pending).Status);
        NodeOutcome outcome = Assert.Single(mutex.LastAttemptByAnyone);
        Assert.Equal(vote, outcome.Vote);
        bool isError = reply[0] == '-';
        Assert.Equal(isError ? NodeCause.ErrorReply : NodeCause.UnexpectedReply, outcome.Cause);
        Assert.Equal(isError ? reply[1..].Split(' ', '\r')[0] : null, outcome.ErrorCode);
        Assert.StartsWith("node0: ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(quoted, outcome.Error, StringComparison.Ordinal);
        ScriptedChannel.AssertWithdrawnBehindItsSet(quorum.Nodes[0]);
    }

    [Fact]
    public async Task Disposed_between_two_tries_it_does_not_pause()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking with
        {
            DelayFunction = _ =>
            {
                quorum.Factory.Dispose();
                return TimeSpan.FromHours(1);
            },
        });
        Task<LockHandle> locking = mutex.LockAsync(Token).AsTask();
        quorum.ReplyAllAt(0, ScriptedQuorum.Nil);
        LockFailedException failure = await Assert.ThrowsAsync<LockFailedException>(() => locking.SoonAsync());
        Assert.Equal(LockStatus.Unavailable, failure.Status);
        Assert.All(quorum.Nodes, node => Assert.Single(node.Sent, frame => frame.Arguments[0] == "SET"));
    }

    [Fact]
    public async Task Cancelled_between_two_tries_it_does_not_pause()
    {
        using ScriptedQuorum quorum = new(3);
        using CancellationTokenSource cancellation = new();
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking with
        {
            DelayFunction = _ =>
            {
                cancellation.Cancel();
                return TimeSpan.FromHours(1);
            },
        });
        Task<LockHandle> locking = mutex.LockAsync(cancellation.Token).AsTask();
        quorum.ReplyAllAt(0, ScriptedQuorum.Nil);
        OperationCanceledException cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => locking.SoonAsync());
        Assert.Equal(cancellation.Token, cancelled.CancellationToken);
        Assert.All(quorum.Nodes, node => Assert.Single(node.Sent, frame => frame.Arguments[0] == "SET"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Inline_code_runs_on_the_thread_that_read_the_reply_and_on_none_that_keeps_time(bool isAnswered)
    {
        using ScriptedQuorum quorum = new(1);
        Task<Thread> goingOn = GoOnAsync(quorum.Mutex());
        Thread teller = new(() =>
        {
            if (isAnswered)
            {
                quorum.Nodes[0].Reply(0, ScriptedQuorum.Nil);
            }
            else
            {
                quorum.Nodes[0].Fail(0, RequestFailure.TimedOut);
            }
        });
        teller.Start();
        teller.Join();
        Assert.Equal(isAnswered, await goingOn.SoonAsync() == teller);

        // Outside of the test itself, whose context would take the code behind the await.
        static async Task<Thread> GoOnAsync(RedlockMutex mutex)
        {
            await mutex.TryLockAsync(CancellationToken.None).ConfigureAwait(false);
            return Thread.CurrentThread;
        }
    }
}
