using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>What an extension does for nodes that have lost the key: which, when, with what, and what becomes of it.</summary>
public class HealingTests
{
    private const string FencedOk = "+OK 7\r\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public async Task A_node_that_has_nothing_is_set_again_once_a_quorum_has_granted_and_not_before(int nodes)
    {
        using ScriptedQuorum quorum = new(nodes);
        RedlockMutex mutex = quorum.Mutex();
        LockToken held = await TakeAsync(quorum, mutex);
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);
        int majority = (nodes / 2) + 1;
        quorum.Nodes[nodes - 1].Reply(1, ScriptedQuorum.NothingThere);
        for (int node = 0; node < majority - 1; node++)
        {
            quorum.Nodes[node].Reply(1, ScriptedQuorum.Done);
        }

        Assert.Equal(0, Heals(quorum));
        quorum.Nodes[majority - 1].Reply(1, ScriptedQuorum.Done);
        Assert.True((await extending).IsExtended);
        Assert.Equal(1, Heals(quorum));
        ScriptedFrame heal = quorum.Nodes[nodes - 1].Sent[2];
        Assert.Equal(["SET", "door", held.Value, "NX", "PX", "8000"], heal.Arguments);
        Assert.Equal(RequestPriority.Ordinary, heal.Request.Priority);
        Assert.Equal(mutex.Definition.KeyHash, heal.Request.KeyHash);
    }

    [Theory]
    [InlineData(ScriptedQuorum.NothingThere, ScriptedQuorum.NothingThere, ScriptedQuorum.Done, ExtendStatus.NotHeld)]
    [InlineData(ScriptedQuorum.Done, ScriptedQuorum.NothingThere, "-LOADING wait\r\n", ExtendStatus.Unavailable)]
    [InlineData(ScriptedQuorum.Done, ScriptedQuorum.NothingThere, ScriptedQuorum.Someone, ExtendStatus.NotHeld)]
    public async Task It_is_no_vote_and_without_a_quorum_there_is_none(string first, string second, string third, ExtendStatus expected)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockToken held = await TakeAsync(quorum, mutex);
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);
        quorum.Nodes[0].Reply(1, first);
        quorum.Nodes[1].Reply(1, second);
        quorum.Nodes[2].Reply(1, third);
        Assert.Equal(expected, (await extending).Status);
        Assert.Equal(0, Heals(quorum));
    }

    [Fact]
    public async Task A_single_node_that_lost_it_has_lost_it()
    {
        using ScriptedQuorum quorum = new(1);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        CancellationToken lost = held.Lost;
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        quorum.ReplyAll(ScriptedQuorum.NothingThere);
        Assert.True(lost.IsCancellationRequested);
        Assert.Equal(0, Heals(quorum));
    }

    [Theory]
    [InlineData(ScriptedQuorum.Someone)]
    [InlineData("-LOADING wait\r\n")]
    [InlineData(ScriptedQuorum.Done)]
    public async Task Nothing_else_that_a_node_says_heals_it(string said)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(await TakeAsync(quorum, mutex), Token);
        quorum.Nodes[2].Reply(1, said);
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        quorum.Nodes[1].Reply(1, ScriptedQuorum.Done);
        Assert.True((await extending).IsExtended);
        Assert.Equal(0, Heals(quorum));
    }

    [Fact]
    public async Task What_comes_behind_the_end_of_the_operation_heals_for_as_long_as_is_left()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockToken held = await TakeAsync(quorum, mutex);
        await ExtendByTwoAsync(quorum, mutex, held, frame: 1);

        // The operation serves another lock by then.
        LockToken other = await TakeAsync(quorum, quorum.Factory.CreateMutex("window", mutex.Options));
        ValueTask<ExtendResult> another = quorum.Factory.CreateMutex("window", mutex.Options).ExtendAsync(other, Token);
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(1500.5));
        int place = quorum.Nodes[2].Sent.Count;
        quorum.Nodes[2].Reply(1, ScriptedQuorum.NothingThere);
        Assert.Equal(["SET", "door", held.Value, "NX", "PX", "6499"], quorum.Nodes[2].Sent[place].Arguments);
        Assert.False(another.IsCompleted);

        // Twice is once.
        quorum.Nodes[2].Reply(1, ScriptedQuorum.NothingThere);
        Assert.Equal(1, Heals(quorum));
    }

    [Fact]
    public async Task What_comes_behind_the_deadline_heals_nothing()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        await ExtendByTwoAsync(quorum, mutex, await TakeAsync(quorum, mutex), frame: 1);
        quorum.Clock.Advance(KeptQuorum.Validity);
        quorum.Nodes[2].Reply(1, ScriptedQuorum.NothingThere);
        Assert.Equal(0, Heals(quorum));
    }

    [Fact]
    public async Task The_next_extension_asks_the_healed_node_for_a_vote_like_any_other()
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        quorum.Nodes[2].Reply(1, ScriptedQuorum.NothingThere);
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        quorum.Nodes[1].Reply(1, ScriptedQuorum.Done);
        quorum.Nodes[2].Reply(2, ScriptedQuorum.Ok);
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        quorum.Nodes[0].Reply(2, ScriptedQuorum.NothingThere);
        quorum.Nodes[2].Reply(3, ScriptedQuorum.Done);
        quorum.Nodes[1].Reply(2, ScriptedQuorum.Done);
        Assert.Equal(KeptQuorum.Full, held.Remaining);
        Assert.Equal(held.Token.Value, quorum.Nodes[0].Sent[3].Owner);
    }

    // The counter comes back with the key: whoever takes the lock next gets a larger number.
    [Fact]
    public async Task A_fenced_lock_comes_back_with_its_number()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.NonBlocking with { Fenced = true });
        ValueTask<LockResult> taking = mutex.TryLockAsync(Token);
        quorum.ReplyAll(FencedOk);
        LockToken held = (await taking).Token;
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);
        quorum.Nodes[2].Reply(1, ScriptedQuorum.NothingThere);
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        quorum.Nodes[1].Reply(1, ScriptedQuorum.Done);
        Assert.Equal(7, (await extending).Token.FencingToken);
        ScriptedFrame heal = quorum.Nodes[2].Sent[2];
        Assert.Equal(
            ["EVALSHA", FencingScripts.Take.Sha1, "2", "door", "{door}:fence", held.Value, "8000", "0000000000000007", "86408000"],
            heal.Arguments);
        Assert.Same(FencingScripts.Take, heal.Request.Script);
        Assert.True(heal.Request.Handler!.Wants(heal.Request.Tag));
        ValueTask<UnlockStatus> releasing = mutex.UnlockAsync(held, Token);

        // Repeated with its text it would go behind the release.
        Assert.False(heal.Request.Handler.Wants(heal.Request.Tag));
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(UnlockStatus.Released, await releasing);
    }

    [Fact]
    public async Task A_node_that_had_not_been_sent_the_SET_is_healed_asked_and_released()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        quorum.Nodes[1].Refusal = RequestFailure.NotConnected;
        ValueTask<LockResult> locking = mutex.TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[2].Reply(0, ScriptedQuorum.Ok);
        LockToken held = (await locking).Token;
        await ExtendByTwoAsync(quorum, mutex, held, frame: 1, second: 2);
        quorum.Nodes[1].Refusal = RequestFailure.None;
        await ExtendByTwoAsync(quorum, mutex, held, frame: 2, second: 2);
        Assert.Equal("SET", Assert.Single(quorum.Nodes[1].Sent).Arguments[0]);

        // By the oldest of all copies.
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);
        Assert.Equal(2, quorum.Nodes[1].Sent.Count);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.True((await extending).IsExtended);
        ValueTask<UnlockStatus> releasing = mutex.UnlockAsync(held, Token);
        Assert.Same(RedlockScripts.Release, quorum.Nodes[1].Sent[2].Request.Script);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(UnlockStatus.Released, await releasing);
    }

    private static int Heals(ScriptedQuorum quorum) => quorum.Nodes.Sum(node => node.Sent.Skip(1).Count(frame =>
        frame.Arguments[0] == "SET" && frame.Arguments[1] == "door"));

    private static async Task<LockToken> TakeAsync(ScriptedQuorum quorum, RedlockMutex mutex)
    {
        ValueTask<LockResult> pending = mutex.TryLockAsync(Token);
        quorum.ReplyAll(ScriptedQuorum.Ok);
        return (await pending).Token;
    }

    /// <summary>Two nodes grant it, and nothing comes from the third.</summary>
    private static async Task ExtendByTwoAsync(ScriptedQuorum quorum, RedlockMutex mutex, LockToken held, int frame, int second = 1)
    {
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);
        quorum.Nodes[0].Reply(frame, ScriptedQuorum.Done);
        quorum.Nodes[second].Reply(frame, ScriptedQuorum.Done);
        Assert.True((await extending).IsExtended);
    }
}
