using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>What is left of a lock for those who go on asking about it after its release.</summary>
public class GivenUpTests
{
    public enum Way
    {
        Unlock = 0,
        Dispose,
        UnlockByAnotherMutex,
        UnlockByAnotherFactory,
        UnlockByText,
    }

    public enum Before
    {
        NeverAsked = 0,
        Watched,
        KeptAlive,
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Way.Unlock, Before.NeverAsked)]
    [InlineData(Way.Dispose, Before.NeverAsked)]
    [InlineData(Way.UnlockByAnotherMutex, Before.NeverAsked)]
    [InlineData(Way.UnlockByAnotherFactory, Before.NeverAsked)]
    [InlineData(Way.Unlock, Before.Watched)]
    [InlineData(Way.Dispose, Before.Watched)]
    [InlineData(Way.UnlockByAnotherMutex, Before.Watched)]
    [InlineData(Way.UnlockByAnotherFactory, Before.Watched)]
    [InlineData(Way.UnlockByText, Before.Watched)]
    [InlineData(Way.Unlock, Before.KeptAlive)]
    [InlineData(Way.Dispose, Before.KeptAlive)]
    [InlineData(Way.UnlockByAnotherMutex, Before.KeptAlive)]
    [InlineData(Way.UnlockByAnotherFactory, Before.KeptAlive)]
    [InlineData(Way.UnlockByText, Before.KeptAlive)]
    public async Task Nobody_can_lose_a_lock_that_was_released(Way way, Before before)
    {
        using ScriptedQuorum quorum = new(3);
        using LossWitness witness = new(quorum);
        LockHandle held = await quorum.TakeAsync(before == Before.KeptAlive ? quorum.KeepingMutex() : quorum.Mutex());
        CancellationToken lost = before == Before.NeverAsked ? CancellationToken.None : held.Lost;
        await ReleaseAsync(quorum, held, way);

        AssertGivenUp(held);
        quorum.Clock.Advance(TimeSpan.FromMinutes(1));
        AssertGivenUp(held);
        Assert.False(lost.IsCancellationRequested);
        Assert.Equal(0, quorum.Extensions());
        Assert.Equal(0, await witness.CountAsync());
    }

    [Fact]
    public async Task A_lost_lock_stays_lost_until_it_is_released()
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.Mutex());
        CancellationToken lost = held.Lost;
        quorum.Clock.Advance(KeptQuorum.Validity);
        Assert.True(held.Lost.IsCancellationRequested);
        await ReleaseAsync(quorum, held, Way.Unlock);
        Assert.True(lost.IsCancellationRequested);
        AssertGivenUp(held);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_extension_that_is_answered_behind_the_release_gives_nothing(bool anotherIsKept)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        if (anotherIsKept)
        {
            LockHandle another = await quorum.TakeAsync(quorum.Factory.CreateMutex("window", MutexOptions.NonBlocking));
            Assert.False(another.Lost.IsCancellationRequested);
        }

        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);
        int asked = quorum.Nodes[0].Sent.Count - 1;
        ValueTask<UnlockStatus> releasing = mutex.UnlockAsync(held, Token);
        quorum.ReplyAllAt(asked, ScriptedQuorum.Done);
        Assert.Equal(new ExtendResult(ExtendStatus.NotHeld, default), await extending);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(UnlockStatus.Released, await releasing);
        Assert.Equal(1, quorum.Releases());
    }

    [Fact]
    public async Task What_was_released_can_not_be_extended_and_no_node_is_asked()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        await ReleaseAsync(quorum, held, Way.Unlock);
        Assert.Equal(ExtendStatus.NotHeld, (await mutex.ExtendAsync(held, Token)).Status);
        Assert.Equal(ExtendStatus.NotHeld, mutex.Extend(held, Token).Status);
        Assert.Equal(0, quorum.Extensions());
    }

    [Fact]
    public async Task A_release_that_ended_unknown_can_be_tried_again()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        ValueTask<UnlockStatus> releasing = mutex.UnlockAsync(held, Token);
        quorum.ReplyAll("-LOADING wait\r\n");
        Assert.Equal(UnlockStatus.Unknown, await releasing);
        Assert.False(held.IsHeld);
        ValueTask disposing = held.DisposeAsync();
        Assert.Equal(2, quorum.Releases());
        quorum.ReplyAll(ScriptedQuorum.Done);
        await disposing;
    }

    [Fact]
    public async Task The_token_of_an_earlier_lock_does_not_touch_the_next_one()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle earlier = await quorum.TakeAsync(mutex);
        await ReleaseAsync(quorum, earlier, Way.Unlock);
        LockHandle next = await quorum.TakeAsync(mutex);
        await ReleaseAsync(quorum, earlier, Way.Unlock);
        Assert.Equal(default, earlier.Detach());
        AssertGivenUp(earlier);
        Assert.True(next.IsHeld);
        Assert.True(next.KeepAlive(KeptQuorum.Always));
        Assert.False(next.Lost.IsCancellationRequested);
        Assert.NotEqual(CancellationToken.None, next.Lost);
    }

    [Fact]
    public async Task A_lock_is_not_given_up_by_a_mutex_of_another_name()
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.Mutex());
        RedlockMutex other = quorum.Factory.CreateMutex("window", MutexOptions.NonBlocking with { Continuation = ContinuationMode.Inline });
        Action[] wrong =
        [
            () => other.Unlock(held, Token),
            () => other.UnlockAsync(held, Token).AsTask(),
            () => other.Extend(held, Token),
            () => other.ExtendAsync(held, Token).AsTask(),
            () => other.Detach(held),
            () => _ = other.Lost(held),
            () => _ = other.Remaining(held),
            () => other.KeepAlive(held, KeptQuorum.Always),
            () => _ = other.Attach(held),
        ];
        foreach (Action call in wrong)
        {
            ArgumentException refused = Assert.Throws<ArgumentException>(call);
            Assert.Contains("of the lock 'door'", refused.Message, StringComparison.Ordinal);
            Assert.Contains("is 'window'", refused.Message, StringComparison.Ordinal);
        }

        Assert.All(quorum.Nodes, node => Assert.Single(node.Sent));
        Assert.True(held.IsHeld);

        // Text tells nothing of the name: the nodes are asked for another key, and have nothing there.
        ValueTask<UnlockStatus> releasing = other.UnlockAsync(LockToken.Parse(held.Value), Token);
        quorum.ReplyAll(ScriptedQuorum.NothingThere);
        Assert.Equal(UnlockStatus.NotHeld, await releasing);
        Assert.True(held.IsHeld);
        Assert.True(held.KeepAlive(KeptQuorum.Always));
    }

    [Theory]
    [InlineData(Before.Watched)]
    [InlineData(Before.KeptAlive)]
    public async Task Asking_and_releasing_at_the_same_moment_keep_nothing(Before asking)
    {
        using ScriptedQuorum quorum = new(1);
        using LossWitness witness = new(quorum);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = default;
        using Barrier together = new(2);
        const int Rounds = 300;
        Thread asker = new(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                together.SignalAndWait();
                _ = asking == Before.Watched ? held.Lost.IsCancellationRequested : held.KeepAlive(KeptQuorum.Always);
                together.SignalAndWait();
            }
        })
        {
            IsBackground = true,
        };
        asker.Start();
        for (int round = 0; round < Rounds; round++)
        {
            held = await quorum.TakeAsync(mutex);
            together.SignalAndWait(Token);
            ValueTask<UnlockStatus> releasing = mutex.UnlockAsync(held, Token);
            together.SignalAndWait(Token);
            quorum.ReplyAll(ScriptedQuorum.Done);
            Assert.Equal(UnlockStatus.Released, await releasing);
            quorum.Clock.Advance(KeptQuorum.Period * 1.5);
            Assert.Equal(0, quorum.Extensions());
            quorum.Clock.Advance(KeptQuorum.Validity);
        }

        asker.Join();
        Assert.Equal(0, await witness.CountAsync());
    }

    private static void AssertGivenUp(LockHandle held)
    {
        Assert.False(held.IsHeld);
        Assert.Equal(TimeSpan.Zero, held.Remaining);
        Assert.Equal(CancellationToken.None, held.Lost);
        Assert.False(held.KeepAlive(KeptQuorum.Always));
    }

    private static async Task ReleaseAsync(ScriptedQuorum quorum, LockHandle held, Way way)
    {
        using RedlockFactory another = new(quorum.Nodes);
        RedlockMutex mutex = way == Way.UnlockByAnotherFactory
            ? another.CreateMutex("door", MutexOptions.NonBlocking with { Continuation = ContinuationMode.Inline })
            : quorum.Mutex();
        ValueTask disposing = default;
        ValueTask<UnlockStatus> releasing = default;
        if (way == Way.Dispose)
        {
            disposing = held.DisposeAsync();
        }
        else
        {
            releasing = mutex.UnlockAsync(way == Way.UnlockByText ? LockToken.Parse(held.Value) : held, Token);
        }

        quorum.ReplyAll(ScriptedQuorum.Done);
        await disposing;
        await releasing;
    }
}
