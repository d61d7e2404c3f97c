using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

/// <summary>A lock that goes on in other hands.</summary>
public class DetachTests(SharedNodes shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Style.Async)]
    [InlineData(Style.Blocking)]
    public async Task Another_factory_goes_on_with_a_renewed_lock(Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory here = await shared.ConnectAsync(3);
        using RedlockFactory there = await shared.ConnectAsync(3);
        string name = Inspection.NewName();
        MutexOptions renewed = MutexOptions.Blocking with { Renew = RenewOptions.Every(0.05, Timeout.InfiniteTimeSpan) };
        int lost = 0;
        here.LockLost += (_, _) => Interlocked.Increment(ref lost);
        LockHandle held = await calls.LockAsync(here.PatientMutex(name, renewed));
        CancellationToken watched = held.Lost;
        await Eventually.Holds(() => IsMoved(held, held.Token), "it is renewed");
        string text = held.Detach().Value;
        await calls.DisposeAsync(held);
        Assert.All(await there.StoredAsync(name), value => Assert.Equal(text, value));

        // A renewal that went on would put the hour back to the 8 s of here.
        RedlockMutex heir = there.PatientMutex(name, MutexOptions.Blocking with { Expiry = TimeSpan.FromHours(1) });
        ExtendResult extended = await calls.ExtendAsync(heir, LockToken.Parse(text));
        Assert.True(extended.IsExtended);
        LockHandle witness = await calls.LockAsync(here.PatientMutex(Inspection.NewName(), renewed));
        await Eventually.Holds(() => IsMoved(witness, witness.Token), "another one is renewed");
        Assert.All(await there.TimeToLiveAsync(name), milliseconds => Assert.InRange(milliseconds, 60_000, 3_600_000));
        await calls.DisposeAsync(witness);
        Assert.False(held.IsHeld);
        Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(heir, extended.Token));
        Assert.All(await there.StoredAsync(name), Assert.Null);
        Assert.False(watched.IsCancellationRequested);
        Assert.Equal(CancellationToken.None, held.Lost);
        Assert.Equal(0, Volatile.Read(ref lost));
    }

    [Fact]
    public async Task No_renewal_and_no_release_is_sent_any_more_and_nobody_is_told_of_a_loss()
    {
        using ScriptedQuorum quorum = new(3);
        using LossWitness witness = new(quorum);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        CancellationToken lost = held.Lost;
        LockToken token = held.Detach();
        Assert.Equal(held.Value, token.Value);
        Assert.Equal(held.Token.DeadlineTicks, token.DeadlineTicks);
        await held.DisposeAsync();
        held.Dispose();
        Assert.Equal(default, held.Detach());
        Assert.False(held.IsHeld);
        Assert.False(held.KeepAlive(KeptQuorum.Always));
        Assert.Equal(CancellationToken.None, held.Lost);
        quorum.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(lost.IsCancellationRequested);
        Assert.Equal(0, quorum.Extensions());
        Assert.Equal(0, quorum.Releases());
        Assert.Equal(0, await witness.CountAsync());
    }

    [Theory]
    [InlineData(ScriptedQuorum.Done)]
    [InlineData(ScriptedQuorum.Someone)]
    [InlineData(ScriptedQuorum.NothingThere)]
    public async Task A_renewal_under_way_is_neither_undone_nor_a_loss(string reply)
    {
        using ScriptedQuorum quorum = new(3);
        using LossWitness witness = new(quorum);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        CancellationToken lost = held.Lost;
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        Assert.Equal(1, quorum.Extensions());
        Assert.False(held.Detach().IsDefault);
        quorum.ReplyAll(reply);
        Assert.Equal(0, quorum.Releases());
        Assert.False(lost.IsCancellationRequested);
        Assert.False(held.IsHeld);
        Assert.Equal(0, await witness.CountAsync());
    }

    [Fact]
    public async Task The_token_can_be_kept_and_released_here_as_well()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.KeepingMutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        quorum.ReplyAll(ScriptedQuorum.Done);
        TimeSpan remaining = held.Remaining;
        LockHandle next = new(mutex, held.Detach());
        Assert.Equal(remaining + KeptQuorum.Margin, next.Remaining);
        Assert.True(next.KeepAlive(KeptQuorum.Always));
        Assert.False(next.Lost.IsCancellationRequested);
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        Assert.Equal(2, quorum.Extensions());
        ValueTask<UnlockStatus> releasing = mutex.UnlockAsync(next, Token);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(UnlockStatus.Released, await releasing);
        Assert.Equal(CancellationToken.None, next.Lost);
        Assert.Equal(UnlockStatus.NotHeld, await mutex.UnlockAsync(held, Token));
        Assert.Equal(1, quorum.Releases());
    }

    [Fact]
    public async Task What_is_not_held_any_more_gives_no_token()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        CancellationToken lost = held.Lost;
        quorum.Clock.Advance(KeptQuorum.Validity);
        Assert.True(mutex.Detach(held).IsDefault);
        Assert.True(lost.IsCancellationRequested);
        Assert.True(held.Lost.IsCancellationRequested);
        Assert.True(mutex.Detach(default).IsDefault);
        Assert.True(default(LockHandle).Detach().IsDefault);
    }

    [Fact]
    public async Task One_made_from_text_can_be_handed_on()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockToken inherited = LockToken.Parse((await quorum.TakeAsync(mutex)).Value);
        Assert.True(mutex.KeepAlive(inherited, KeptQuorum.Always));
        await Eventually.Holds(() => Advanced(quorum).Nodes[2].Sent.Count == 2, "the nodes are asked");
        Assert.Equal(inherited.Value, mutex.Detach(inherited).Value);
        quorum.ReplyAll(ScriptedQuorum.Done);
        quorum.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, quorum.Extensions());
        Assert.Equal(0, quorum.Releases());
        Assert.Equal(inherited.Value, mutex.Detach(inherited).Value);
    }

    [Fact]
    public async Task A_renewal_under_way_does_not_take_the_next_holder_with_it()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.KeepingMutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        Assert.Equal(1, quorum.Extensions());
        LockHandle next = new(mutex, held.Detach());
        Assert.True(next.KeepAlive(RenewOptions.Every(0.9, Timeout.InfiniteTimeSpan)));
        CancellationToken lost = next.Lost;
        quorum.ReplyAll(ScriptedQuorum.Done);
        quorum.Clock.Advance((0.9 * KeptQuorum.Validity) + KeptQuorum.Margin);
        Assert.Equal(2, quorum.Extensions());
        Assert.True(next.IsHeld);
        quorum.Clock.Advance(KeptQuorum.Validity);
        Assert.True(lost.IsCancellationRequested);
    }

    [Fact]
    public async Task The_old_handle_has_no_part_in_what_goes_on()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.KeepingMutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        LockHandle next = new(mutex, held.Detach());
        Assert.True(next.KeepAlive(KeptQuorum.Always));
        Assert.False(next.Lost.IsCancellationRequested);
        Assert.False(held.KeepAlive(RenewOptions.Every(0.5, TimeSpan.FromMilliseconds(1))));
        Assert.Equal(CancellationToken.None, held.Lost);
        Assert.False(held.IsHeld);
        Assert.Equal(ExtendStatus.NotHeld, (await mutex.ExtendAsync(held, Token)).Status);
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        Assert.Equal(1, quorum.Extensions());
    }

    [Fact]
    public async Task An_extension_that_comes_back_behind_it_is_not_the_old_holders()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);
        LockHandle next = new(mutex, held.Detach());
        Assert.False(next.Lost.IsCancellationRequested);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(ExtendStatus.NotHeld, (await extending).Status);
        Assert.True(next.IsHeld);
        Assert.Equal(0, quorum.Releases());
    }

    [Fact]
    public async Task One_that_is_renewed_gives_its_newest_deadline_whatever_is_under_way()
    {
        // Long past the deadline that the handles began with, and renewed every millisecond or so.
        using RedlockFactory factory = await shared.ConnectAsync(1);
        MutexOptions options = MutexOptions.Blocking with
        {
            Expiry = TimeSpan.FromMilliseconds(500),
            Renew = RenewOptions.Every(0.002, Timeout.InfiniteTimeSpan),
        };
        RedlockMutex[] mutexes = Array.ConvertAll(new int[40], _ => factory.CreateMutex(Inspection.NewName(), options));
        LockHandle[] held = await Task.WhenAll(Array.ConvertAll(mutexes, mutex => mutex.LockAsync(Token).AsTask()));
        await Eventually.Holds(
            () => Array.TrueForAll(held, handle => handle.Token.DeadlineTicks < MonotonicTime.Shared.GetTimestamp()),
            "the first deadlines are past");
        foreach (LockHandle handle in held)
        {
            // On a machine that stood still for half a second it is rightly lost.
            Assert.True(!handle.Detach().IsDefault || handle.Lost.IsCancellationRequested, "It was renewed, and gave no token.");
        }
    }

    [Fact]
    public async Task One_of_many_that_detach_and_release_at_once_succeeds()
    {
        using RedlockFactory factory = await shared.ConnectAsync(1);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(
            name, MutexOptions.Blocking with { Renew = RenewOptions.Every(0.0002, Timeout.InfiniteTimeSpan) });
        for (int round = 0; round < 100; round++)
        {
            LockHandle held = await mutex.LockAsync(Token);
            LockToken[] tokens = new LockToken[3];
            Parallel.For(0, tokens.Length, taker => tokens[taker] = held.Detach());
            LockToken token = Assert.Single(tokens, token => !token.IsDefault);
            Parallel.Invoke(held.Dispose, () => _ = held.Lost, () => held.KeepAlive(KeptQuorum.Always));
            Assert.All(await factory.StoredAsync(name), value => Assert.Equal(token.Value, value));
            Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(token, Token));
        }
    }

    private static bool IsMoved(LockHandle held, LockToken first)
    {
        long now = MonotonicTime.Shared.GetTimestamp();
        return held.Remaining > MonotonicTime.Shared.GetElapsedTime(now, first.DeadlineTicks);
    }

    private static ScriptedQuorum Advanced(ScriptedQuorum quorum)
    {
        quorum.Clock.Advance(TimeSpan.FromTicks(1));
        return quorum;
    }
}
