using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public class RenewalTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_off_unless_asked_for()
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.Mutex());
        quorum.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(held.IsHeld);
        Assert.All(quorum.Nodes, node => Assert.Single(node.Sent));
    }

    [Fact]
    public async Task Moves_the_deadline_each_time_a_share_of_the_validity_has_passed()
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        quorum.Clock.Advance(KeptQuorum.Period - TimeSpan.FromTicks(1));
        Assert.Equal(0, quorum.Extensions());
        for (int renewal = 1; renewal <= 5; renewal++)
        {
            quorum.Clock.Advance(renewal == 1 ? TimeSpan.FromTicks(2) : KeptQuorum.Period + TimeSpan.FromTicks(1));
            Assert.Equal(renewal, quorum.Extensions());
            quorum.ReplyAll(ScriptedQuorum.Done);
            Assert.InRange(held.Remaining, KeptQuorum.Full - TimeSpan.FromTicks(1), KeptQuorum.Full);
        }

        Assert.True(held.IsHeld);
        Assert.False(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Begins_for_a_handle_when_it_is_asked_for()
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.Mutex());
        Assert.True(held.KeepAlive(KeptQuorum.Always));
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        Assert.Equal(1, quorum.Extensions());
        quorum.ReplyAll(ScriptedQuorum.Done);
        quorum.Clock.Advance(KeptQuorum.Validity - KeptQuorum.Margin - TimeSpan.FromTicks(10));
        Assert.True(held.IsHeld);
    }

    [Fact]
    public async Task Is_refused_for_what_is_not_held_any_more()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        quorum.Clock.Advance(KeptQuorum.Validity);
        Assert.False(held.KeepAlive(KeptQuorum.Always));
        Assert.False(mutex.KeepAlive(default, KeptQuorum.Always));
        Assert.False(default(LockHandle).KeepAlive(KeptQuorum.Always));
        quorum.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, quorum.Extensions());
    }

    [Fact]
    public async Task Ends_with_the_longest_hold_time_and_the_lock_runs_out()
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex(RenewOptions.Every(0.5, KeptQuorum.Period * 1.5)));
        CancellationToken lost = held.Lost;
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        quorum.ReplyAll(ScriptedQuorum.Done);
        quorum.Clock.Advance(KeptQuorum.Validity - KeptQuorum.Margin - TimeSpan.FromTicks(10));
        Assert.True(held.IsHeld);
        Assert.False(lost.IsCancellationRequested);
        quorum.Clock.Advance(KeptQuorum.Margin + TimeSpan.FromTicks(20));
        Assert.False(held.IsHeld);
        Assert.True(lost.IsCancellationRequested);
        Assert.Equal(1, quorum.Extensions());
    }

    [Fact]
    public async Task Is_tried_again_until_the_deadline_while_nodes_are_away()
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        foreach (ScriptedChannel node in quorum.Nodes)
        {
            node.Refusal = RequestFailure.NotConnected;
        }

        int asked = 0;
        quorum.Nodes[0].Sending = () => asked++;
        quorum.Clock.Advance(KeptQuorum.Validity - KeptQuorum.Margin - TimeSpan.FromMilliseconds(1));
        Assert.InRange(asked, 5, 20);
        Assert.True(held.IsHeld);
        foreach (ScriptedChannel node in quorum.Nodes)
        {
            node.Refusal = RequestFailure.None;
        }

        Assert.False(held.Lost.IsCancellationRequested);
        quorum.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(held.Lost.IsCancellationRequested);
        asked = 0;
        quorum.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task Goes_on_when_the_nodes_are_back_in_time()
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        quorum.ReplyAll("-LOADING wait\r\n");
        quorum.Clock.Advance((KeptQuorum.Validity / 20) + TimeSpan.FromTicks(1));
        Assert.Equal(2, quorum.Extensions());
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(KeptQuorum.Full, held.Remaining);
    }

    [Theory]
    [InlineData(ScriptedQuorum.Someone)]
    [InlineData(ScriptedQuorum.NothingThere)]
    public async Task Refused_by_a_quorum_the_lock_is_lost_at_once(string refusal)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.KeepingMutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        CancellationToken lost = held.Lost;
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        quorum.Nodes[0].Reply(1, refusal);
        Assert.False(lost.IsCancellationRequested);
        quorum.Nodes[1].Reply(1, refusal);
        Assert.True(lost.IsCancellationRequested);
        Assert.False(held.IsHeld);
        Assert.True(held.Lost.IsCancellationRequested);
        Assert.False(held.KeepAlive(KeptQuorum.Always));
        Assert.Equal(ExtendStatus.NotHeld, (await mutex.ExtendAsync(held, Token)).Status);
        quorum.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, quorum.Extensions());
        Assert.False(held.IsHeld);
    }

    [Fact]
    public async Task Ends_with_the_release_and_a_late_reply_changes_nothing()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.KeepingMutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        CancellationToken lost = held.Lost;
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        ValueTask releasing = held.DisposeAsync();
        quorum.ReplyAllAt(2, ScriptedQuorum.Done);
        await releasing;
        quorum.ReplyAllAt(1, ScriptedQuorum.Done);
        quorum.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, quorum.Extensions());
        Assert.False(lost.IsCancellationRequested);
        Assert.False(held.IsHeld);
    }

    [Fact]
    public async Task A_token_made_from_text_is_renewed_at_once_and_held_only_then()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockToken handedOver = LockToken.Parse((await quorum.TakeAsync(quorum.Mutex())).Value);
        Assert.True(mutex.KeepAlive(handedOver, KeptQuorum.Always));
        quorum.Clock.Advance(TimeSpan.FromTicks(1));
        await Eventually.Holds(() => quorum.Nodes[2].Sent.Count == 2, "the nodes are asked");
        Assert.Equal(TimeSpan.Zero, mutex.Remaining(handedOver));
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.InRange(mutex.Remaining(handedOver), KeptQuorum.Full - TimeSpan.FromTicks(2), KeptQuorum.Full);
        Assert.False(mutex.Lost(handedOver).IsCancellationRequested);
    }

    [Fact]
    public async Task An_extension_by_hand_puts_the_next_renewal_off()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.KeepingMutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        quorum.Clock.Advance(KeptQuorum.Period / 2);
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.True((await extending).IsExtended);
        Assert.Equal(KeptQuorum.Full, held.Remaining);
        quorum.Clock.Advance(KeptQuorum.Period - TimeSpan.FromTicks(1));
        Assert.Equal(1, quorum.Extensions());
        quorum.Clock.Advance(TimeSpan.FromTicks(2));
        Assert.Equal(2, quorum.Extensions());
    }

    [Fact]
    public async Task A_late_renewal_does_not_undo_what_a_caller_has_extended_meanwhile()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.KeepingMutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        CancellationToken lost = held.Lost;
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        Assert.Equal(1, quorum.Extensions());
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held, Token);
        quorum.ReplyAllAt(2, ScriptedQuorum.Done);
        Assert.True((await extending).IsExtended);

        // Past the deadline that the renewal started from, and within the one that the caller was given.
        quorum.Clock.Advance(KeptQuorum.Validity - (KeptQuorum.Period / 2));
        quorum.ReplyAllAt(1, ScriptedQuorum.Done);
        Assert.True(held.IsHeld);
        Assert.False(lost.IsCancellationRequested);
        Assert.DoesNotContain(quorum.Nodes[0].Sent, frame => frame.Arguments[1] == RedlockScripts.Release.Sha1);
    }

    [Fact]
    public async Task Does_not_ask_more_often_than_every_millisecond()
    {
        using ScriptedQuorum quorum = new(3);
        await quorum.TakeAsync(quorum.KeepingMutex(RenewOptions.Every(1e-9, Timeout.InfiniteTimeSpan)));
        for (int renewal = 1; renewal <= 3; renewal++)
        {
            quorum.Clock.Advance(TimeSpan.FromMilliseconds(1) - TimeSpan.FromTicks(1));
            Assert.Equal(renewal - 1, quorum.Extensions());
            quorum.Clock.Advance(TimeSpan.FromTicks(2));
            Assert.Equal(renewal, quorum.Extensions());
            quorum.ReplyAll(ScriptedQuorum.Done);
            quorum.Clock.Advance(TimeSpan.Zero);
        }
    }

    [Fact]
    public void Has_bounds()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => RenewOptions.Every(0, TimeSpan.FromHours(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => RenewOptions.Every(double.NaN, TimeSpan.FromHours(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => RenewOptions.Every(0.91, TimeSpan.FromHours(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => RenewOptions.Every(0.5, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => RenewOptions.Every(0.5, TimeSpan.MaxValue));
        Assert.Equal(TimeSpan.FromHours(1), RenewOptions.Every(0.5, TimeSpan.FromHours(1)).MaxHoldTime);
    }
}
