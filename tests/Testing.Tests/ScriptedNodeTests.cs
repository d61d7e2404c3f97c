using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

public sealed class ScriptedNodeTests
{
    // A busy machine must not look like a node that is late.
    private static readonly MutexOptions _patient = MutexOptions.NonBlocking with
    {
        Expiry = TimeSpan.FromMinutes(2),
        NodeTimeLimit = Eventually.Patience,
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static RedlockMutex Mutex(ScriptedNode scripted, string name, int nodes = 1, MutexOptions? options = null) =>
        new RedlockFactory(scripted.Nodes(nodes)).CreateMutex(name, options ?? _patient);

    private static Task AdvanceUntilAsync(ManualTimeProvider clock, Func<bool> condition) => Eventually.Holds(() =>
    {
        clock.Advance(TimeSpan.FromMilliseconds(10));
        return Task.FromResult(condition());
    });

    [Fact]
    public async Task Every_operation_gets_the_reply_of_its_own_expectation()
    {
        await using ScriptedNode scripted = new ScriptedNode();
        scripted
            .ExpectLock("stock", Reply.Ok, Reply.Nil)
            .ExpectExtend("stock", Reply.Done, Reply.HeldByOther)
            .ExpectUnlock("stock", Reply.Done, Reply.NothingThere, Reply.Error("OOM no room"));
        RedlockMutex mutex = Mutex(scripted, "stock");
        LockResult taken = await mutex.TryLockAsync(Cancellation);
        Assert.Equal(LockStatus.Acquired, taken.Status);
        Assert.Equal(LockStatus.Contended, (await mutex.TryLockAsync(Cancellation)).Status);
        Assert.Equal(ExtendStatus.Extended, (await mutex.ExtendAsync(taken.Token, Cancellation)).Status);
        Assert.Equal(ExtendStatus.NotHeld, (await mutex.ExtendAsync(taken.Token, Cancellation)).Status);
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, Cancellation));
        Assert.Equal(UnlockStatus.NotHeld, await mutex.UnlockAsync(taken.Token, Cancellation));
        Assert.Equal(UnlockStatus.Unknown, await mutex.UnlockAsync(taken.Token, Cancellation));
        scripted.Verify();
        Assert.Empty(scripted.Unexpected);
    }

    [Fact]
    public async Task What_was_expected_and_did_not_come_fails_the_verification()
    {
        await using ScriptedNode scripted = new ScriptedNode();
        scripted.ExpectLock("stock", Reply.Ok, Reply.Nil.After(TimeSpan.FromSeconds(1)), Reply.Error("ERR uh-oh"));
        Assert.True((await Mutex(scripted, "stock").TryLockAsync(Cancellation)).IsAcquired);
        ScriptedNodeException failure = Assert.Throws<ScriptedNodeException>(scripted.Verify);
        Assert.Contains(
            "lock \"stock\": came 1 of 3 times, replies left Nil.After(1000 ms), Error(\"ERR uh-oh\")",
            failure.Message,
            StringComparison.Ordinal);
        Assert.Empty(scripted.Unexpected);
    }

    [Fact]
    public async Task What_came_and_was_not_expected_is_refused_and_told_with_the_script()
    {
        await using ScriptedNode scripted = new ScriptedNode();
        scripted.ExpectLock("stock", Reply.Ok);
        RedlockMutex mutex = Mutex(scripted, "price");
        Assert.Equal(LockStatus.Unavailable, (await mutex.TryLockAsync(Cancellation)).Status);
        Assert.Contains("does not expect", mutex.LastAttemptByAnyone[0].Error, StringComparison.Ordinal);
        ScriptedNodeException failure = Assert.Throws<ScriptedNodeException>(scripted.Verify);
        Assert.Contains("Unexpected: lock \"price\" for owner", failure.Message, StringComparison.Ordinal);
        Assert.Contains("lock \"stock\": came 0 of 1 times, replies left Ok", failure.Message, StringComparison.Ordinal);

        // The clean-up behind the refused attempt belongs to an owner that the script never saw.
        Assert.Equal(2, scripted.Unexpected.Count);
    }

    [Fact]
    public async Task In_order_a_command_too_early_is_unexpected()
    {
        await using ScriptedNode scripted = new ScriptedNode(new ScriptedNodeOptions { Order = ScriptOrder.InOrder });
        scripted.ExpectLock("first", Reply.Ok).ExpectLock("second", Reply.Ok).ExpectUnlock("first", Reply.Done);
        await using RedlockFactory factory = new RedlockFactory(scripted.Nodes(1));
        (RedlockMutex? first, RedlockMutex? second) = (
            factory.CreateMutex("first", _patient),
            factory.CreateMutex("second", _patient));
        Assert.False((await second.TryLockAsync(Cancellation)).IsAcquired);
        LockResult taken = await first.TryLockAsync(Cancellation);
        Assert.True(taken.IsAcquired);
        Assert.True((await second.TryLockAsync(Cancellation)).IsAcquired);
        Assert.Equal(UnlockStatus.Released, await first.UnlockAsync(taken.Token, Cancellation));
        Assert.Contains("in this order", Assert.Throws<ScriptedNodeException>(scripted.Verify).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => scripted.Nodes(1));
    }

    [Fact]
    public async Task Names_and_arguments_are_matched_in_four_ways()
    {
        await using ScriptedNode scripted = new ScriptedNode();
        scripted
            .ExpectLock(Argument.StartingWith("cart:"), Reply.Nil)
            .ExpectLock(Argument.Where(name => name.Length == 3), Reply.Nil)
            .ExpectLock(Argument.Any, Reply.Nil)
            .Expect("set", ["key", Argument.Any, Argument.Is("XX")], Reply.Of(RespValue.BulkString("old")));
        RespNode node = scripted.Nodes(1)[0];
        await using RedlockFactory factory = new RedlockFactory(node);
        foreach (string name in (string[])["anything else", "cart:1", "abc"])
        {
            Assert.Equal(
                LockStatus.Contended, (await factory.CreateMutex(name, _patient).TryLockAsync(Cancellation)).Status);
        }

        Assert.True((await node.SendAsync("SET", "key", "value", "xx")).IsError);
        Assert.Equal("old", (await node.SendAsync("SET", "key", "value", "XX")).AsString());
        Assert.Single(scripted.Unexpected);
    }

    [Fact]
    public async Task The_text_of_a_script_is_recognised_as_well_as_its_digest()
    {
        await using ScriptedNode scripted = new ScriptedNode();
        scripted.ExpectLock("stock", Reply.Ok).ExpectUnlock("stock", Reply.Error("NOSCRIPT gone"), Reply.Done);
        RedlockMutex mutex = Mutex(scripted, "stock");
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync((await mutex.TryLockAsync(Cancellation)).Token, Cancellation));
        scripted.Verify();
    }

    [Fact]
    public async Task A_clean_up_is_answered_and_never_taken_for_an_expected_unlock()
    {
        await using ScriptedNode scripted = new ScriptedNode();
        scripted.ExpectLock("stock", Reply.Error("OOM no room"), Reply.Ok).ExpectUnlock("stock", Reply.Done);
        RedlockMutex mutex = Mutex(scripted, "stock");
        Assert.Equal(LockStatus.Unavailable, (await mutex.TryLockAsync(Cancellation)).Status);
        LockResult taken = await mutex.TryLockAsync(Cancellation);
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, Cancellation));
        scripted.Verify();

        // Nobody asked for these two either; a real node would answer the first of them with 1 and the second with 0.
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, Cancellation));
        Assert.Equal(UnlockStatus.NotHeld, await mutex.UnlockAsync(taken.Token, Cancellation));
        scripted.Verify();
    }

    [Fact]
    public async Task Who_waits_is_refused_granted_and_handed_the_lock_in_the_words_of_his_script()
    {
        await using ScriptedNode scripted = new ScriptedNode();
        scripted.ExpectLock("stock", Reply.Ok, Reply.Nil, Reply.Nil, Reply.Ok);
        RedlockMutex mutex = Mutex(
            scripted, "stock", options: _patient with { Tries = MutexOptions.Blocking.Tries, DelayFunction = _ => TimeSpan.FromHours(1) });
        LockHandle held = await mutex.LockAsync(Cancellation);
        Task<LockHandle> waiting = mutex.LockAsync(Cancellation).AsTask();

        // By SET, and once more when it hears of releases.
        await Eventually.Holds(
            () => Record.Exception(scripted.Verify) is { } missing && missing.Message.Contains("came 3 of 4", StringComparison.Ordinal),
            "who waits has asked twice");
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(held.Token, Cancellation));
        LockHandle next = await waiting;
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(next.Token, Cancellation));
        scripted.Verify();
    }

    [Fact]
    public async Task A_strict_script_has_to_list_its_clean_ups()
    {
        await using ScriptedNode strict = new ScriptedNode(new ScriptedNodeOptions { UnscriptedReleases = UnscriptedReleases.Unexpected });
        strict.ExpectLock("stock", Reply.Error("OOM no room"), Reply.Error("OOM no room")).ExpectUnlock("stock", Reply.NothingThere);
        RedlockMutex mutex = Mutex(strict, "stock");
        await mutex.TryLockAsync(Cancellation);
        await mutex.TryLockAsync(Cancellation);
        Assert.Contains(
            "Unexpected: unlock \"stock\"", Assert.Throws<ScriptedNodeException>(strict.Verify).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_nodes_play_one_script_and_verification_waits_for_the_last_of_them()
    {
        await using ScriptedNode scripted = new ScriptedNode();
        scripted.ExpectLock("stock", Reply.Ok, Reply.Ok, Reply.Error("OOM no room")).ExpectUnlock(
            "stock", Reply.Done, Reply.Done, Reply.NothingThere);
        IReadOnlyList<RespNode> nodes = scripted.Nodes(3);
        await using RedlockFactory factory = new RedlockFactory(nodes);
        await factory.WaitUntilConnectedAsync(Cancellation);
        RedlockMutex mutex = factory.CreateMutex("stock", _patient);
        LockResult taken = await mutex.TryLockAsync(Cancellation);
        Assert.True(taken.IsAcquired);
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, Cancellation));
        scripted.Verify();
        Assert.Equal(3, nodes.Select(node => node.Name).Distinct().Count());
    }

    [Fact]
    public async Task Silence_a_close_and_a_delay_are_replies_too()
    {
        ManualTimeProvider clock = new ManualTimeProvider();
        await using ScriptedNode scripted = new ScriptedNode(new ScriptedNodeOptions { TimeProvider = clock });
        scripted.ExpectLock("stock", Reply.Close, Reply.Ok.After(TimeSpan.FromSeconds(3)), Reply.Silence);
        RespNode node = scripted.Nodes(1, new RespNodeOptions { TimeProvider = clock })[0];
        await using RedlockFactory factory = new RedlockFactory(node);
        RedlockMutex mutex = factory.CreateMutex("stock", MutexOptions.NonBlocking with { NodeTimeLimit = TimeSpan.FromSeconds(5) });
        await node.WaitUntilConnectedAsync(Cancellation);
        Assert.Equal(LockStatus.Unavailable, (await mutex.TryLockAsync(Cancellation)).Status);
        await AdvanceUntilAsync(clock, () => node.Reconnects == 1);

        long sentAt = clock.GetTimestamp();
        Task<LockResult> delayed = mutex.TryLockAsync(Cancellation).AsTask();
        await AdvanceUntilAsync(clock, () => delayed.IsCompleted);
        Assert.True((await delayed).IsAcquired);
        Assert.True(clock.GetElapsedTime(sentAt) >= TimeSpan.FromSeconds(3));

        Task<LockResult> silent = mutex.TryLockAsync(Cancellation).AsTask();
        await AdvanceUntilAsync(clock, () => silent.IsCompleted);
        Assert.Equal(LockStatus.Unavailable, (await silent).Status);
        Assert.Contains("no reply within", mutex.LastAttemptByAnyone[0].Error, StringComparison.Ordinal);
        scripted.Verify();
    }

    [Fact]
    public async Task A_dialer_gives_connections_to_a_node_of_the_tests_own()
    {
        await using ScriptedNode scripted = new ScriptedNode();
        scripted.Expect("PING", [], Reply.Of(RespValue.SimpleString("scripted"))).Expect(
            "AUTH", [Argument.Any], Reply.Error("WRONGPASS no"));
        await using (RespNode node = new RespNode(scripted.Dialer, new RespNodeOptions { Database = 3 }))
        {
            Assert.Equal("scripted", (await node.SendAsync("PING")).AsString());
            Assert.Equal("PONG", (await node.SendAsync("PING")).AsString());
        }

        await using RespNode refused = new RespNode(scripted.Dialer, new RespNodeOptions { Password = "secret-of-mine" });
        await Eventually.Holds(() => refused.LastError is not null);
        Assert.Contains("WRONGPASS", refused.LastError, StringComparison.Ordinal);
        scripted.Verify();
    }

    [Fact]
    public async Task A_log_in_is_shown_without_its_secret()
    {
        await using ScriptedNode scripted = new ScriptedNode();
        await scripted.Nodes(1)[0].SendAsync("HELLO", "2", "AUTH", "default", "secret-of-mine");
        ScriptedNodeException failure = Assert.Throws<ScriptedNodeException>(scripted.Verify);
        Assert.Contains("HELLO", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-mine", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nonsense_is_refused_when_it_is_written()
    {
        using ScriptedNode scripted = new ScriptedNode();
        Assert.Throws<ArgumentException>(() => scripted.ExpectLock("stock"));
        Assert.Throws<ArgumentNullException>(() => scripted.ExpectLock(null!, Reply.Ok));
        Assert.Throws<ArgumentException>(() => scripted.Expect(" ", [], Reply.Ok));
        Assert.Throws<ArgumentException>(() => Reply.Error("two\r\nlines"));
        Assert.Throws<ArgumentException>(() => Reply.Of(default));
        Assert.Throws<ArgumentOutOfRangeException>(() => Reply.Ok.After(TimeSpan.FromTicks(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => scripted.Nodes(0));
    }
}
