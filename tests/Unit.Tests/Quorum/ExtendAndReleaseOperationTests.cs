using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public class ExtendAndReleaseOperationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_new_deadline_counts_from_the_start_of_the_extension()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockToken held = await TakeAsync(quorum, mutex);
        quorum.Clock.Advance(TimeSpan.FromSeconds(5));
        long start = quorum.Clock.GetTimestamp();
        ValueTask<ExtendResult> pending = mutex.ExtendAsync(held, Token);
        quorum.Clock.Advance(TimeSpan.FromSeconds(1));
        quorum.ReplyAll(ScriptedQuorum.Done);
        ExtendResult extended = await pending;
        Assert.Equal(ExtendStatus.Extended, extended.Status);
        Assert.Equal(held.Value, extended.Token.Value);
        Assert.Equal(start + TimeSpan.FromMilliseconds(7918).Ticks, extended.Token.DeadlineTicks);
        Assert.Equal(["EVALSHA", RedlockScripts.Extend.Sha1, "1", "door", held.Value, "8000"], quorum.Nodes[0].Sent[1].Arguments);
    }

    [Fact]
    public async Task After_the_deadline_no_node_is_asked()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockToken held = await TakeAsync(quorum, mutex);
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(7918));
        Assert.Equal(new ExtendResult(ExtendStatus.NotHeld, default), await mutex.ExtendAsync(held, Token));
        Assert.Equal(new ExtendResult(ExtendStatus.NotHeld, default), mutex.Extend(held, Token));
        Assert.All(quorum.Nodes, node => Assert.Single(node.Sent));
    }

    [Fact]
    public async Task An_extension_that_comes_back_after_the_old_deadline_is_lost()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockToken held = await TakeAsync(quorum, mutex);
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(7917));
        ValueTask<ExtendResult> pending = mutex.ExtendAsync(held, Token);
        quorum.ReplyAll(ScriptedQuorum.Done);
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(new ExtendResult(ExtendStatus.NotHeld, default), await pending);
    }

    // Two callers extend one token; the one that is told after the old deadline must not take the lock from the other, and still holds it.
    [Fact]
    public async Task A_late_extension_is_not_lost_when_another_one_of_the_same_token_was_in_time()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockToken held = await TakeAsync(quorum, mutex);
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(7917));
        ValueTask<ExtendResult> inTime = mutex.ExtendAsync(held, Token);
        ValueTask<ExtendResult> late = mutex.ExtendAsync(held, Token);
        quorum.ReplyAllAt(1, ScriptedQuorum.Done);
        ExtendResult extended = await inTime;
        quorum.ReplyAllAt(2, ScriptedQuorum.Done);
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(1));
        ExtendResult second = await late;
        Assert.Equal(extended.Token.DeadlineTicks, second.Token.DeadlineTicks);
        Assert.True(mutex.Remaining(held) > TimeSpan.Zero);
        Assert.All(quorum.Nodes, node => Assert.DoesNotContain(node.Sent, frame => frame.Arguments[1] == RedlockScripts.Release.Sha1));
    }

    [Theory]
    [InlineData(ScriptedQuorum.Done, ScriptedQuorum.NothingThere, ScriptedQuorum.Someone, ExtendStatus.NotHeld)]
    [InlineData(ScriptedQuorum.Done, ScriptedQuorum.NothingThere, "-LOADING wait\r\n", ExtendStatus.Unavailable)]
    [InlineData(ScriptedQuorum.NothingThere, ScriptedQuorum.NothingThere, "-LOADING wait\r\n", ExtendStatus.NotHeld)]
    [InlineData(ScriptedQuorum.Done, ":2\r\n", "+OK\r\n", ExtendStatus.Unavailable)]
    [InlineData(ScriptedQuorum.Done, "-READONLY no\r\n", ScriptedQuorum.Done, ExtendStatus.Extended)]
    public async Task Extends_by_the_one_rule(string first, string second, string third, ExtendStatus expected)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockToken held = await TakeAsync(quorum, mutex);
        ValueTask<ExtendResult> pending = mutex.ExtendAsync(held, Token);
        quorum.Nodes[0].Reply(1, first);
        quorum.Nodes[1].Reply(1, second);
        quorum.Nodes[2].Reply(1, third);
        ExtendResult result = await pending;
        Assert.Equal(expected, result.Status);
        Assert.Equal(expected == ExtendStatus.Extended, !result.Token.IsDefault);
    }

    [Theory]
    [InlineData(ScriptedQuorum.Done, ScriptedQuorum.Done, ScriptedQuorum.NothingThere, UnlockStatus.Released)]
    [InlineData(ScriptedQuorum.Done, ScriptedQuorum.NothingThere, ScriptedQuorum.NothingThere, UnlockStatus.NotHeld)]
    [InlineData(ScriptedQuorum.Done, ScriptedQuorum.Someone, "-LOADING wait\r\n", UnlockStatus.Unknown)]
    [InlineData("-NOPERM no\r\n", "-NOPERM no\r\n", ScriptedQuorum.Done, UnlockStatus.Unknown)]
    public async Task Releases_by_the_one_rule(string first, string second, string third, UnlockStatus expected)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockToken held = await TakeAsync(quorum, mutex);
        ValueTask<UnlockStatus> pending = mutex.UnlockAsync(held, Token);
        quorum.Nodes[2].Reply(1, third);
        quorum.Nodes[1].Reply(1, second);
        quorum.Nodes[0].Reply(1, first);
        Assert.Equal(expected, await pending);
    }

    [Fact]
    public async Task A_release_uses_the_reserve_and_goes_to_every_node()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockToken held = await TakeAsync(quorum, mutex);
        ValueTask<UnlockStatus> pending = mutex.UnlockAsync(held, Token);
        Assert.All(quorum.Nodes, node =>
        {
            Assert.Equal(["EVALSHA", RedlockScripts.Release.Sha1, "2", "door", "{door}:waiting", held.Value], node.Sent[1].Arguments);
            Assert.Equal(RequestPriority.Reserved, node.Sent[1].Request.Priority);
            Assert.Same(RedlockScripts.Release, node.Sent[1].Request.Script);
        });
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(UnlockStatus.Released, await pending);
    }

    [Fact]
    public async Task A_node_that_was_never_sent_the_SET_is_not_asked_later()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        quorum.Nodes[1].Refusal = RequestFailure.NotConnected;
        ValueTask<LockResult> locking = mutex.TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[2].Reply(0, ScriptedQuorum.Ok);
        LockToken held = (await locking).Token;

        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        Assert.False(extending.IsCompleted);
        quorum.Nodes[2].Reply(1, ScriptedQuorum.Done);
        ExtendResult extended = await extending;
        Assert.True(extended.IsExtended);

        // Nor does it take what would heal it.
        quorum.Nodes[1].Refusal = RequestFailure.None;
        ValueTask<UnlockStatus> unlocking = mutex.UnlockAsync(extended.Token, Token);
        quorum.Nodes[2].Reply(2, ScriptedQuorum.Done);
        quorum.Nodes[0].Reply(2, ScriptedQuorum.NothingThere);
        Assert.Equal(UnlockStatus.NotHeld, await unlocking);
        Assert.Empty(quorum.Nodes[1].Sent);

        // As text it may come from anywhere, so every node is asked.
        ValueTask<UnlockStatus> parsed = mutex.UnlockAsync(LockToken.Parse(held.Value), Token);
        Assert.Single(quorum.Nodes[1].Sent);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(UnlockStatus.Released, await parsed);
    }

    [Fact]
    public async Task A_token_of_nobody_asks_no_node()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        Assert.Equal(UnlockStatus.NotHeld, await mutex.UnlockAsync(default, Token));
        Assert.Equal(UnlockStatus.NotHeld, mutex.Unlock(default, Token));
        Assert.Equal(ExtendStatus.NotHeld, (await mutex.ExtendAsync(default, Token)).Status);
        Assert.Equal(ExtendStatus.NotHeld, mutex.Extend(default, Token).Status);
        await mutex.Attach(default).DisposeAsync();
        Assert.All(quorum.Nodes, node => Assert.Empty(node.Sent));
    }

    private static async Task<LockToken> TakeAsync(ScriptedQuorum quorum, RedlockMutex mutex)
    {
        ValueTask<LockResult> pending = mutex.TryLockAsync(Token);
        quorum.ReplyAll(ScriptedQuorum.Ok);
        return (await pending).Token;
    }
}
