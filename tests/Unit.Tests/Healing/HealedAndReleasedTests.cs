using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>A lock that is given up, lost or handed on while nodes are being healed of it.</summary>
public class HealedAndReleasedTests
{
    public enum Way
    {
        Unlock = 0,
        Post,
        Dispose,
        Succeed,
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Way.Unlock)]
    [InlineData(Way.Post)]
    [InlineData(Way.Dispose)]
    [InlineData(Way.Succeed)]
    public async Task What_was_given_up_is_not_set_again(Way way)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await ExtendedAsync(quorum, mutex);
        GiveUp(quorum, mutex, held, way);
        int before = quorum.Nodes[2].Sent.Count;
        quorum.Nodes[2].Reply(1, ScriptedQuorum.NothingThere);
        Assert.Equal(before, quorum.Nodes[2].Sent.Count);
    }

    [Theory]
    [InlineData(Way.Unlock)]
    [InlineData(Way.Post)]
    [InlineData(Way.Dispose)]
    [InlineData(Way.Succeed)]
    public async Task A_release_behind_the_heal_reaches_the_healed_node(Way way)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await ExtendedAsync(quorum, mutex);
        quorum.Nodes[2].Reply(1, ScriptedQuorum.NothingThere);
        GiveUp(quorum, mutex, held, way);

        // Of all that it is sent, also by who waits.
        ScriptedFrame[] ofHolder = [.. quorum.Nodes[2].Sent.Skip(2).Where(frame => frame.Arguments.Contains(held.Token.Value))];
        Assert.Equal(2, ofHolder.Length);
        Assert.Equal("SET", ofHolder[0].Arguments[0]);
        Assert.Same(way == Way.Succeed ? RedlockScripts.Take : RedlockScripts.Release, ofHolder[1].Request.Script);
        Assert.Equal(held.Token.Value, ofHolder[1].Arguments[^1]);
    }

    [Theory]
    [InlineData(Way.Unlock)]
    [InlineData(Way.Post)]
    [InlineData(Way.Dispose)]
    [InlineData(Way.Succeed)]
    public async Task A_release_that_went_out_during_the_heal_is_sent_behind_it(Way way)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await ExtendedAsync(quorum, mutex);
        ScriptedChannel node = quorum.Nodes[2];
        bool isFirst = true;
        node.Sending = () =>
        {
            if (isFirst)
            {
                isFirst = false;
                GiveUp(quorum, mutex, held, way);
            }
        };
        node.Reply(1, ScriptedQuorum.NothingThere);
        Assert.False(isFirst);
        ScriptedFrame heal = node.Sent[^2];
        ScriptedFrame release = node.Sent[^1];
        Assert.Equal(("SET", held.Token.Value), (heal.Arguments[0], heal.Owner));
        Assert.Same(RedlockScripts.Release, release.Request.Script);
        Assert.Equal(held.Token.Value, release.Arguments[^1]);
        Assert.Equal(heal.Ticket, release.Request.Undoes);
        Assert.Equal(RequestPriority.Reserved, release.Request.Priority);
        Assert.Null(release.Request.Handler);
    }

    // A thread may be held up for long where it sends, and another renewal be granted meanwhile.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_renewal_that_is_held_up_in_its_heal_does_not_lose_what_a_later_one_has_kept_meanwhile(bool isKeptMeanwhile)
    {
        using ScriptedQuorum quorum = new(3);
        long taken = quorum.Clock.GetTimestamp();
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        quorum.Nodes[2].Reply(1, ScriptedQuorum.NothingThere);
        quorum.Nodes[2].Sending = () =>
        {
            quorum.Nodes[2].Sending = null;
            while (quorum.Nodes[0].Sent.Count == 2)
            {
                quorum.Clock.Advance(TimeSpan.FromMilliseconds(100));
            }

            if (isKeptMeanwhile)
            {
                quorum.Nodes[0].Reply(2, ScriptedQuorum.Done);
                quorum.Nodes[1].Reply(2, ScriptedQuorum.Done);
            }

            // Beyond what was known when the heal was sent, and not beyond what the later one has made of it.
            quorum.Clock.Advance(KeptQuorum.Validity - quorum.Clock.GetElapsedTime(taken));
        };
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        quorum.Nodes[1].Reply(1, ScriptedQuorum.Done);
        Assert.Null(quorum.Nodes[2].Sending);
        Assert.Equal(isKeptMeanwhile, held.Remaining > TimeSpan.Zero);
        Assert.Equal(!isKeptMeanwhile, held.Lost.IsCancellationRequested);
        Assert.Equal(isKeptMeanwhile ? 0 : 1, quorum.Nodes[0].Sent.Count(frame => frame.Request.Script == RedlockScripts.Release));
    }

    [Fact]
    public async Task A_node_that_was_not_connected_for_the_heal_is_not_sent_a_release_behind_it()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await ExtendedAsync(quorum, mutex);
        quorum.Nodes[2].Sending = () =>
        {
            quorum.Nodes[2].Sending = null;
            GiveUp(quorum, mutex, held, Way.Post);
            quorum.Nodes[2].Refusal = RequestFailure.NotConnected;
        };
        int before = quorum.Nodes[2].Sent.Count;
        quorum.Nodes[2].Reply(1, ScriptedQuorum.NothingThere);
        Assert.Same(RedlockScripts.Release, Assert.Single(quorum.Nodes[2].Sent.Skip(before)).Request.Script);
    }

    // Whoever has the text goes on with the lock: it is not this process's to release.
    [Fact]
    public async Task A_lock_that_is_handed_on_during_the_heal_is_not_released()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await ExtendedAsync(quorum, mutex);
        LockToken detached = default;
        quorum.Nodes[2].Sending = () => detached = detached.IsDefault ? held.Detach() : detached;
        quorum.Nodes[2].Reply(1, ScriptedQuorum.NothingThere);
        Assert.False(detached.IsDefault);
        Assert.Equal("SET", quorum.Nodes[2].Sent[^1].Arguments[0]);
        Assert.Equal(3, quorum.Nodes[2].Sent.Count);
    }

    [Fact]
    public async Task What_is_known_by_its_text_alone_is_not_healed_before_it_is_known_to_be_held()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockToken held = (await quorum.TakeAsync(mutex)).Token;
        LockToken known = await ExtendAsync(LockToken.Parse(held.Value), frame: 1);
        Assert.Equal(2, quorum.Nodes[2].Sent.Count);
        await ExtendAsync(known, frame: 2);
        Assert.Equal("SET", quorum.Nodes[2].Sent[3].Arguments[0]);

        async Task<LockToken> ExtendAsync(LockToken token, int frame)
        {
            ValueTask<ExtendResult> extending = mutex.ExtendAsync(token, Token);
            quorum.Nodes[2].Reply(frame, ScriptedQuorum.NothingThere);
            quorum.Nodes[0].Reply(frame, ScriptedQuorum.Done);
            quorum.Nodes[1].Reply(frame, ScriptedQuorum.Done);
            return (await extending).Token;
        }
    }

    [Theory]
    [InlineData(KeptAtStop.Release)]
    [InlineData(KeptAtStop.Leave)]
    public async Task A_factory_that_is_disposed_heals_nothing(KeptAtStop kept)
    {
        using ScriptedQuorum quorum = new(3, new RedlockOptions { KeptAtStop = kept });
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        quorum.Nodes[1].Reply(1, ScriptedQuorum.Done);
        Assert.Equal(KeptQuorum.Full, held.Remaining);
        quorum.Factory.Dispose();
        quorum.Nodes[2].Reply(1, ScriptedQuorum.NothingThere);
        Assert.DoesNotContain(quorum.Nodes[2].Sent.Skip(1), frame => frame.Arguments[0] == "SET");
    }

    [Fact]
    public async Task A_lock_that_is_lost_when_the_factory_is_disposed_during_the_heal_is_released_behind_it()
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        quorum.Nodes[1].Reply(1, ScriptedQuorum.Done);
        quorum.Nodes[2].Sending = () =>
        {
            quorum.Nodes[2].Sending = null;
            quorum.Factory.Dispose();
        };
        quorum.Nodes[2].Reply(1, ScriptedQuorum.NothingThere);
        Assert.Equal("SET", quorum.Nodes[2].Sent[^2].Arguments[0]);
        Assert.Same(RedlockScripts.Release, quorum.Nodes[2].Sent[^1].Request.Script);
        Assert.Equal(held.Token.Value, quorum.Nodes[2].Sent[^1].Arguments[^1]);
    }

    /// <summary>A lock of which two nodes have granted an extension, while nothing has come from the third.</summary>
    private static async Task<LockHandle> ExtendedAsync(ScriptedQuorum quorum, RedlockMutex mutex)
    {
        LockHandle held = await quorum.TakeAsync(mutex);
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held.Token, Token);
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        quorum.Nodes[1].Reply(1, ScriptedQuorum.Done);
        Assert.True((await extending).IsExtended);
        return held;
    }

    private static void GiveUp(ScriptedQuorum quorum, RedlockMutex mutex, LockHandle held, Way way)
    {
        switch (way)
        {
            case Way.Unlock:
                _ = mutex.UnlockAsync(held.Token, Token).AsTask();
                break;
            case Way.Post:
                Assert.True(mutex.PostUnlock(held.Token));
                break;
            case Way.Dispose:
                _ = held.DisposeAsync().AsTask();
                break;
            default:
                // Somebody of this process waits, and is handed the lock by the release.
                _ = mutex.TryLockAsync(TimeSpan.FromSeconds(1), Token).AsTask();
                quorum.AnswerAttempts(ScriptedQuorum.Nil);
                _ = mutex.UnlockAsync(held.Token, Token).AsTask();
                break;
        }
    }
}
