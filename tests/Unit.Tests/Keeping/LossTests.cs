using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public class LossTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Is_told_just_ahead_of_the_deadline_even_while_an_extension_hangs(bool renewed)
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(renewed ? quorum.KeepingMutex() : quorum.Mutex());
        CancellationToken lost = held.Lost;
        Assert.Equal(lost, held.Lost);
        quorum.Clock.Advance(KeptQuorum.Validity - KeptQuorum.Margin - TimeSpan.FromTicks(1));
        Assert.False(lost.IsCancellationRequested);
        Assert.True(held.IsHeld);
        Assert.Equal(renewed, quorum.Extensions() > 0);
        quorum.Clock.Advance(TimeSpan.FromTicks(2));
        Assert.True(lost.IsCancellationRequested);
        Assert.False(held.IsHeld);
        Assert.True(held.Lost.IsCancellationRequested);
        quorum.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(held.Lost.IsCancellationRequested);
        Assert.False(held.IsHeld);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_remains_ends_with_the_loss_and_never_comes_back(bool renewed)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = renewed ? quorum.KeepingMutex() : quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        CancellationToken lost = held.Lost;
        quorum.Clock.Advance(KeptQuorum.Validity - KeptQuorum.Margin - TimeSpan.FromTicks(1));
        Assert.Equal(TimeSpan.FromTicks(1), held.Remaining);
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);

        // The alarm rings a tick later.
        quorum.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.False(lost.IsCancellationRequested);
        Assert.Equal(TimeSpan.Zero, held.Remaining);
        Assert.False(held.IsHeld);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(ExtendStatus.NotHeld, (await extending).Status);
        Assert.True(lost.IsCancellationRequested);
        Assert.Equal(TimeSpan.Zero, held.Remaining);
        Assert.Equal(ExtendStatus.NotHeld, (await mutex.ExtendAsync(held, Token)).Status);
        Assert.False(held.KeepAlive(KeptQuorum.Always));
        Assert.True(mutex.Detach(held).IsDefault);
        Assert.True(held.Lost.IsCancellationRequested);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_refusal_that_a_later_extension_has_overtaken_loses_nothing(int nodes)
    {
        using ScriptedQuorum quorum = new(nodes);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        CancellationToken lost = held.Lost;
        ValueTask<ExtendResult> early = mutex.ExtendAsync(held, Token);
        int earlyAsked = quorum.Nodes[0].Sent.Count - 1;
        quorum.Clock.Advance(TimeSpan.FromTicks(1));
        ValueTask<ExtendResult> late = mutex.ExtendAsync(held, Token);
        int lateAsked = quorum.Nodes[0].Sent.Count - 1;
        quorum.ReplyAllAt(lateAsked, ScriptedQuorum.Done);
        Assert.Equal(ExtendStatus.Extended, (await late).Status);
        quorum.ReplyAllAt(earlyAsked, ScriptedQuorum.NothingThere);
        Assert.Equal(new ExtendResult(ExtendStatus.Unavailable, default), await early);
        Assert.False(lost.IsCancellationRequested);
        Assert.True(held.IsHeld);

        // One that was asked for behind it knows better.
        ValueTask<ExtendResult> later = mutex.ExtendAsync(held, Token);
        quorum.ReplyAll(ScriptedQuorum.NothingThere);
        Assert.Equal(ExtendStatus.NotHeld, (await later).Status);
        Assert.True(lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_refusal_that_was_overtaken_still_says_so_when_the_loss_is_due()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        CancellationToken lost = held.Lost;
        ValueTask<ExtendResult> early = mutex.ExtendAsync(held, Token);
        int earlyAsked = quorum.Nodes[0].Sent.Count - 1;
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(10));
        ValueTask<ExtendResult> late = mutex.ExtendAsync(held, Token);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(ExtendStatus.Extended, (await late).Status);

        // The alarm rings at the first deadline, is set anew, and rings a tick late.
        quorum.Clock.Advance(KeptQuorum.Full - TimeSpan.FromMilliseconds(5));
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(5));
        Assert.False(lost.IsCancellationRequested);
        quorum.ReplyAllAt(earlyAsked, ScriptedQuorum.NothingThere);
        Assert.Equal(ExtendStatus.NotHeld, (await early).Status);
        Assert.True(lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Asked_for_within_the_margin_it_has_fired_and_nothing_remains()
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.Mutex());
        quorum.Clock.Advance(KeptQuorum.Validity - (KeptQuorum.Margin / 2));
        Assert.Equal(KeptQuorum.Margin / 2, held.Remaining);
        Assert.True(held.Lost.IsCancellationRequested);
        Assert.Equal(TimeSpan.Zero, held.Remaining);
        Assert.False(held.IsHeld);
    }

    [Fact]
    public async Task When_the_loss_is_due_the_lock_is_over_though_the_alarm_has_not_rung()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        CancellationToken lost = held.Lost;
        quorum.Clock.Advance(KeptQuorum.Full);
        Assert.False(lost.IsCancellationRequested);
        Assert.Equal(ExtendStatus.NotHeld, (await mutex.ExtendAsync(held, Token)).Status);
        Assert.Equal(0, quorum.Extensions());
        Assert.True(mutex.Detach(held).IsDefault);
    }

    [Fact]
    public async Task Nodes_that_are_away_put_it_off_by_no_retry()
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        CancellationToken lost = held.Lost;
        foreach (ScriptedChannel node in quorum.Nodes)
        {
            node.Refusal = RequestFailure.NotConnected;
        }

        quorum.Clock.Advance(KeptQuorum.Full - TimeSpan.FromTicks(1));
        Assert.False(lost.IsCancellationRequested);
        quorum.Clock.Advance(TimeSpan.FromTicks(2));
        Assert.True(lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_renewal_under_way_is_no_loss_once_another_factory_has_released_the_lock()
    {
        using ScriptedQuorum quorum = new(3);
        using RedlockFactory elsewhere = new(quorum.Nodes);
        using LossWitness witness = new(quorum);
        RedlockMutex mutex = quorum.KeepingMutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        CancellationToken lost = held.Lost;
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        ValueTask<UnlockStatus> releasing = elsewhere.CreateMutex("door", mutex.Options).UnlockAsync(held, Token);
        quorum.ReplyAllAt(1, ScriptedQuorum.NothingThere);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(UnlockStatus.Released, await releasing);
        Assert.False(lost.IsCancellationRequested);
        Assert.Equal(0, await witness.CountAsync());
    }

    [Fact]
    public async Task A_mutex_of_another_name_knows_nothing_of_its_text()
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.Mutex());
        Assert.False(held.Lost.IsCancellationRequested);
        LockToken text = LockToken.Parse(held.Value);
        RedlockMutex window = quorum.Factory.CreateMutex("window", MutexOptions.NonBlocking);
        Assert.True(window.Lost(text).IsCancellationRequested);
        Assert.False(window.KeepAlive(text, KeptQuorum.Always));
        Assert.Equal(0, window.Detach(text).DeadlineTicks);
        Assert.True(held.IsHeld);
        Assert.False(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_renewal_that_comes_back_after_the_loss_is_undone()
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        quorum.Clock.Advance(KeptQuorum.Validity - KeptQuorum.Margin + TimeSpan.FromTicks(1));
        Assert.Equal(0, quorum.Releases());
        quorum.ReplyAllAt(1, ScriptedQuorum.Done);
        Assert.Equal(1, quorum.Releases());
        Assert.False(held.IsHeld);
        Assert.True(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Callbacks_do_not_run_on_the_thread_that_tells()
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.Mutex());
        using ManualResetEventSlim release = new();
        TaskCompletionSource<bool> ran = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = held.Lost.Register(() =>
        {
            release.Wait(Eventually.Patience);
            ran.SetResult(true);
        });

        // It would hang here if the callback ran inline.
        quorum.Clock.Advance(KeptQuorum.Validity);
        Assert.True(held.Lost.IsCancellationRequested);
        Assert.False(ran.Task.IsCompleted);
        release.Set();
        Assert.True(await ran.Task.SoonAsync());
    }

    [Fact]
    public async Task A_release_is_no_loss()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        CancellationToken lost = held.Lost;
        ValueTask<UnlockStatus> releasing = mutex.UnlockAsync(held, Token);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(UnlockStatus.Released, await releasing);
        quorum.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(lost.IsCancellationRequested);
    }

    [Fact]
    public async Task An_extension_by_hand_moves_the_loss_and_a_refused_one_is_the_loss()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        CancellationToken lost = held.Lost;
        quorum.Clock.Advance(TimeSpan.FromSeconds(5));
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.True((await extending).IsExtended);
        quorum.Clock.Advance(TimeSpan.FromSeconds(7));
        Assert.False(lost.IsCancellationRequested);
        ValueTask<ExtendResult> refused = mutex.ExtendAsync(held, Token);
        quorum.ReplyAll(ScriptedQuorum.NothingThere);
        Assert.Equal(ExtendStatus.NotHeld, (await refused).Status);
        Assert.True(lost.IsCancellationRequested);
    }

    [Fact]
    public void Nothing_is_lost_from_the_start()
    {
        using ScriptedQuorum quorum = new(3);
        Assert.True(default(LockHandle).Lost.IsCancellationRequested);
        Assert.True(quorum.Mutex().Lost(default).IsCancellationRequested);
    }

    [Fact]
    public async Task One_that_was_only_watched_was_not_held_too_long()
    {
        using ScriptedQuorum quorum = new(3);
        TaskCompletionSource<LossReason> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        quorum.Factory.LockLost += (_, lost) => told.SetResult(lost.Reason);
        LockHandle held = await quorum.TakeAsync(quorum.Mutex());
        Assert.False(held.Lost.IsCancellationRequested);
        quorum.Clock.Advance(KeptQuorum.Validity);
        Assert.Equal(LossReason.DeadlinePassed, await told.Task.SoonAsync());
    }

    [Theory]
    [InlineData(LossReason.DeadlinePassed)]
    [InlineData(LossReason.Refused)]
    [InlineData(LossReason.HeldTooLong)]
    public async Task The_factory_tells_which_lock_was_lost_and_why(LossReason reason)
    {
        using ScriptedQuorum quorum = new(3);
        TaskCompletionSource<(object? Sender, LockLostEventArgs Lost)> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        quorum.Factory.LockLost += (sender, lost) => told.SetResult((sender, lost));
        RedlockMutex mutex = quorum.KeepingMutex(
            RenewOptions.Every(0.5, reason == LossReason.HeldTooLong ? KeptQuorum.Period / 2 : Timeout.InfiniteTimeSpan));
        await quorum.TakeAsync(mutex);
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        if (reason == LossReason.Refused)
        {
            quorum.ReplyAll(ScriptedQuorum.Someone);
        }

        quorum.Clock.Advance(KeptQuorum.Period);
        (object? sender, LockLostEventArgs lost) = await told.Task.SoonAsync();
        Assert.Same(mutex, sender);
        Assert.Equal("door", lost.Name);
        Assert.Equal(reason, lost.Reason);
    }

    [Fact]
    public async Task The_factory_tells_of_a_release_that_ended_unknown()
    {
        using ScriptedQuorum quorum = new(3);
        TaskCompletionSource<ReleaseUnknownEventArgs> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        quorum.Factory.ReleaseUnknown += (_, release) => told.SetResult(release);
        LockHandle held = await quorum.TakeAsync(quorum.Mutex());
        ValueTask releasing = held.DisposeAsync();
        quorum.ReplyAllAt(1, "-LOADING wait\r\n");
        await releasing;
        ReleaseUnknownEventArgs release = await told.Task.SoonAsync();
        Assert.Equal("door", release.Name);
        Assert.Contains(release.Nodes, node => node.Error!.Contains("LOADING", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Left_by_a_factory_that_is_disposed_it_is_renewed_no_more_and_the_deadline_is_the_loss()
    {
        using ScriptedQuorum quorum = new(3, new RedlockOptions { KeptAtStop = KeptAtStop.Leave });
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        CancellationToken lost = held.Lost;
        quorum.Factory.Dispose();
        quorum.Clock.Advance(KeptQuorum.Period * 1.5);
        Assert.False(lost.IsCancellationRequested);
        Assert.Equal(0, quorum.Extensions());
        quorum.Clock.Advance(KeptQuorum.Period);
        Assert.True(lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Kept_by_a_factory_that_is_disposed_it_is_lost_at_once_and_stays_so()
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        CancellationToken lost = held.Lost;
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        Assert.Equal(1, quorum.Extensions());
        quorum.Factory.Dispose();
        Assert.True(lost.IsCancellationRequested);
        Assert.Equal(TimeSpan.Zero, held.Remaining);
        Assert.Equal(1, quorum.Releases());

        // The renewal that was under way does not bring it back.
        quorum.ReplyAllAt(1, ScriptedQuorum.Done);
        Assert.Equal(TimeSpan.Zero, held.Remaining);
        quorum.Clock.Advance(KeptQuorum.Validity);
        Assert.Equal(TimeSpan.Zero, held.Remaining);
        Assert.True(held.Lost.IsCancellationRequested);
        await held.DisposeAsync();
        held.Dispose();
    }

    [Fact]
    public async Task A_function_under_the_lock_is_told()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ValueTask<WithLockResult> running = mutex.WithLockAsync(
            async lost =>
            {
                Assert.False(lost.IsCancellationRequested);
                await using CancellationTokenRegistration registration = lost.Register(over.SetResult);
                await over.Task;
                Assert.True(lost.IsCancellationRequested);
            },
            Token);
        quorum.ReplyAll(ScriptedQuorum.Ok);
        quorum.Clock.Advance(KeptQuorum.Validity);
        await over.Task.SoonAsync();
        await Eventually.Holds(() => quorum.Nodes[2].Sent.Count == 2, "the release is sent");
        quorum.ReplyAll(ScriptedQuorum.NothingThere);
        Assert.True(await running);
    }

    [Fact]
    public async Task What_another_factory_has_extended_is_not_lost_at_its_old_deadline()
    {
        using ScriptedQuorum quorum = new(3);
        using RedlockFactory elsewhere = new(quorum.Nodes);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        Assert.False(held.Lost.IsCancellationRequested);
        quorum.Clock.Advance(KeptQuorum.Period);
        ValueTask<ExtendResult> extending = elsewhere.CreateMutex("door", mutex.Options).ExtendAsync(
            held, TestContext.Current.CancellationToken);
        quorum.ReplyAll(ScriptedQuorum.Done);
        LockToken longer = (await extending).Token;
        CancellationToken lost = mutex.Lost(longer);
        quorum.Clock.Advance(KeptQuorum.Period + KeptQuorum.Margin);
        Assert.False(lost.IsCancellationRequested);
        Assert.True(mutex.Remaining(longer) > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_token_made_from_text_counts_as_lost_unless_it_is_kept_alive()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockToken inherited = LockToken.Parse((await quorum.TakeAsync(mutex)).Value);
        Assert.True(mutex.Lost(inherited).IsCancellationRequested);
        Assert.Equal(TimeSpan.Zero, mutex.Remaining(inherited));
        Assert.True(mutex.KeepAlive(inherited, KeptQuorum.Always));
        Assert.False(mutex.Lost(inherited).IsCancellationRequested);
    }

    [Fact]
    public async Task A_token_made_from_text_is_not_extended_once_its_loss_was_told()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockToken inherited = LockToken.Parse((await quorum.TakeAsync(mutex)).Value);
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(inherited, TestContext.Current.CancellationToken);
        Assert.True(mutex.KeepAlive(inherited, RenewOptions.Every(0.5, TimeSpan.FromTicks(1))));
        CancellationToken lost = mutex.Lost(inherited);
        quorum.Clock.Advance(KeptQuorum.Validity);

        // The nodes are asked at once, on the pool, and its alarm may be the one that finds the time gone by.
        await Eventually.Holds(() => lost.IsCancellationRequested, "the loss is told");
        quorum.Clock.Advance(TimeSpan.FromTicks(1));
        quorum.ReplyAllAt(1, ScriptedQuorum.Done);
        Assert.Equal(ExtendStatus.NotHeld, (await extending).Status);
    }
}
