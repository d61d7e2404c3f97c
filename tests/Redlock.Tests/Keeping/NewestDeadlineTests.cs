namespace Redlock.Fast.Tests;

/// <summary>Whoever holds a copy of a token knows of the extensions that were made with another one, in whatever order it asks.</summary>
public class NewestDeadlineTests(SharedNodes shared)
{
    private static readonly TimeSpan _tick = TimeSpan.FromTicks(1);

    public enum Ask
    {
        Lost = 0,
        KeepAlive,
        Detach,
        Remaining,
        Extend,
    }

    public enum Copy
    {
        Handle = 0,
        OldToken,
        NewToken,
        OfAnotherFactory,
    }

    public static TheoryData<Ask, Copy> EachOfEach
    {
        get
        {
            TheoryData<Ask, Copy> all = [];
            foreach (Ask ask in Enum.GetValues<Ask>())
            {
                foreach (Copy copy in Enum.GetValues<Copy>())
                {
                    all.Add(ask, copy);
                }
            }

            return all;
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(EachOfEach))]
    public async Task An_extension_by_hand_is_known_to_every_copy(Ask ask, Copy copy)
    {
        using ScriptedQuorum quorum = new(3);
        using RedlockFactory another = new(quorum.Nodes);
        using LossWitness witness = new(quorum);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        quorum.Clock.Advance(KeptQuorum.Validity - _tick);
        LockToken extended = await ExtendAsync(quorum, mutex, held);
        RedlockMutex asked = copy == Copy.OfAnotherFactory ? another.CreateMutex(mutex.Name, mutex.Options) : mutex;
        LockHandle handle = copy switch
        {
            Copy.Handle => held,
            Copy.NewToken => asked.Attach(extended),
            _ => asked.Attach(held.Token),
        };

        // Past the deadline that the lock began with.
        quorum.Clock.Advance(KeptQuorum.Period);
        TimeSpan left = KeptQuorum.Validity - KeptQuorum.Period;
        switch (ask)
        {
            case Ask.Lost:
                CancellationToken lost = handle.Lost;
                Assert.False(lost.IsCancellationRequested);
                quorum.Clock.Advance(left - KeptQuorum.Margin - _tick);
                Assert.False(lost.IsCancellationRequested);
                quorum.Clock.Advance(_tick * 2);
                Assert.True(lost.IsCancellationRequested);
                Assert.False(held.IsHeld);
                break;
            case Ask.KeepAlive:
                Assert.True(handle.KeepAlive(KeptQuorum.Always));
                Assert.False(handle.Lost.IsCancellationRequested);
                await Eventually.Holds(
                    () => quorum.Nodes[2].Sent.Count(frame => frame.Arguments[1] == RedlockScripts.Extend.Sha1) == 2, "it is renewed");
                break;
            case Ask.Detach:
                LockToken detached = handle.Detach();
                Assert.Equal(extended.DeadlineTicks, detached.DeadlineTicks);
                Assert.Equal(left, mutex.Remaining(detached));
                Assert.False(held.IsHeld);
                break;
            case Ask.Remaining:
                Assert.Equal(left, handle.Remaining);
                Assert.Equal(left, held.Remaining);
                break;
            default:
                await ExtendAsync(quorum, asked, handle);
                Assert.Equal(KeptQuorum.Validity, held.Remaining);
                break;
        }

        ValueTask disposing = held.DisposeAsync();
        quorum.ReplyAll(ScriptedQuorum.Done);
        await disposing;
        if (ask != Ask.Lost)
        {
            Assert.Equal(0, await witness.CountAsync());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_watch_hears_of_an_extension_through_another_factory(bool watchedThere)
    {
        using ScriptedQuorum quorum = new(3);
        using RedlockFactory another = new(quorum.Nodes);
        RedlockMutex there = another.CreateMutex("door", quorum.Mutex().Options);
        LockHandle held = await quorum.TakeAsync(quorum.Mutex());
        CancellationToken lost = held.Lost;
        CancellationToken lostThere = watchedThere ? there.Lost(held) : CancellationToken.None;
        quorum.Clock.Advance(KeptQuorum.Period);
        await ExtendAsync(quorum, there, held);
        quorum.Clock.Advance(KeptQuorum.Validity - KeptQuorum.Margin - _tick);
        Assert.False(lost.IsCancellationRequested);
        Assert.False(lostThere.IsCancellationRequested);
        Assert.True(held.IsHeld);
        quorum.Clock.Advance(_tick * 2);
        Assert.True(lost.IsCancellationRequested);
        Assert.Equal(watchedThere, lostThere.IsCancellationRequested);
    }

    [Fact]
    public async Task What_was_told_to_be_lost_is_lost_for_every_copy()
    {
        using ScriptedQuorum quorum = new(3);
        using RedlockFactory another = new(quorum.Nodes);
        RedlockMutex there = another.CreateMutex("door", quorum.Mutex().Options);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        CancellationToken lost = held.Lost;
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);
        quorum.ReplyAll(ScriptedQuorum.Someone);
        Assert.Equal(ExtendStatus.NotHeld, (await extending).Status);
        Assert.True(lost.IsCancellationRequested);
        Assert.Equal(TimeSpan.Zero, there.Remaining(held));
        Assert.Equal(ExtendStatus.NotHeld, (await there.ExtendAsync(held, Token)).Status);
        Assert.True(there.Lost(held).IsCancellationRequested);
        Assert.False(there.KeepAlive(held, KeptQuorum.Always));
        Assert.Equal(1, quorum.Extensions());
    }

    [Fact]
    public async Task An_inherited_lock_is_known_by_the_copies_of_its_first_extension()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockToken inherited = LockToken.Parse((await quorum.TakeAsync(mutex)).Value);
        LockToken first = await ExtendAsync(quorum, mutex, inherited);
        quorum.Clock.Advance(KeptQuorum.Period);
        await ExtendAsync(quorum, mutex, first);
        quorum.Clock.Advance(KeptQuorum.Validity - _tick);
        Assert.Equal(_tick, mutex.Remaining(first));
        quorum.Clock.Advance(_tick);
        Assert.Equal(TimeSpan.Zero, mutex.Remaining(first));
    }

    [Fact]
    public async Task An_extension_that_comes_back_behind_the_deadline_moves_nothing()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);
        quorum.Clock.Advance(KeptQuorum.Validity);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(ExtendStatus.NotHeld, (await extending).Status);
        Assert.False(held.IsHeld);
        Assert.True(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Watching_while_extensions_end_tells_no_false_loss()
    {
        using RedlockFactory factory = await shared.ConnectAsync(1);
        MutexOptions options = MutexOptions.Blocking with { Expiry = TimeSpan.FromHours(1) };
        int lost = 0;
        factory.LockLost += (_, _) => Interlocked.Increment(ref lost);
        for (int round = 0; round < 200; round++)
        {
            RedlockMutex brief = factory.PatientMutex(
                Inspection.NewName(), MutexOptions.Blocking with { Expiry = TimeSpan.FromSeconds(30) });
            RedlockMutex lasting = factory.PatientMutex(brief.Name, options);
            LockHandle held = await brief.LockAsync(Token);
            CancellationToken watched = default;
            ExtendResult extended = default;
            Parallel.Invoke(() => watched = held.Lost, () => extended = lasting.Extend(held, Token));
            Assert.True(extended.IsExtended);
            Assert.InRange(held.Remaining, TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(60));
            Assert.False(watched.IsCancellationRequested);
            await held.DisposeAsync();
        }

        Assert.Equal(0, Volatile.Read(ref lost));
    }

    private static async Task<LockToken> ExtendAsync(ScriptedQuorum quorum, RedlockMutex mutex, LockToken token)
    {
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(token, Token);
        quorum.ReplyAll(ScriptedQuorum.Done);
        ExtendResult extended = await extending;
        Assert.True(extended.IsExtended);
        return extended.Token;
    }
}
