using Redlock.Fast.Resp;
using static Redlock.Fast.Unit.Tests.PatientWaits;

namespace Redlock.Fast.Unit.Tests;

/// <summary>What is counted of that which makes those who wait ask again.</summary>
public class WakeMetricsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_release_that_is_heard_is_what_wakes()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(1);
        quorum.Nodes[0].Subscribers = [];
        Task<LockResult> waiting = WaitBehindSomebody(quorum, quorum.Mutex(Patient));
        (SubscriptionHandler handler, long tag) = Assert.Single(quorum.Nodes[0].Subscribers!);
        handler.OnConfirmed(tag);
        quorum.AnswerAttempts(HeldForLong);
        quorum.Clock.Advance(While);
        handler.OnMessage(tag, "1"u8);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
        AssertEnded(log, "Wake", While);
        Assert.Equal([Wake("Released"), Wake("Subscribed")], log.Of(Wakes));
    }

    [Fact]
    public async Task A_release_that_is_heard_while_the_head_asks_wakes_it_too()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(1);
        quorum.Nodes[0].Subscribers = [];
        Task<LockResult> waiting = WaitBehindSomebody(quorum, quorum.Mutex(Patient));
        (SubscriptionHandler handler, long tag) = Assert.Single(quorum.Nodes[0].Subscribers!);
        handler.OnConfirmed(tag);
        handler.OnMessage(tag, "1"u8);
        quorum.AnswerAttempts(HeldForLong);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
        AssertEnded(log, "Wake", TimeSpan.Zero);
        Assert.Equal([Wake("Released"), Wake("Subscribed")], log.Of(Wakes));
    }

    [Fact]
    public async Task The_end_of_a_delay_and_an_expiry_are_no_wakes_by_a_release()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(1);
        Task<LockResult> waiting = WaitBehindSomebody(quorum, quorum.Mutex(Patient));
        quorum.Clock.Advance(Delay);
        quorum.AnswerAttempts(":700\r\n");
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(702));
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
        AssertEnded(log, "Poll", Delay + TimeSpan.FromMilliseconds(702));
        Assert.Equal([Wake("Expired"), Wake("DelayPassed")], log.Of(Wakes));
    }

    [Fact]
    public async Task A_split_is_counted_and_stepped_back_from()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(3);
        Task<LockResult> waiting = TryAsync(quorum.Mutex(Patient), Wait, Token);
        quorum.Clock.Advance(While);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[1].Reply(0, ScriptedQuorum.Nil);
        quorum.Nodes[2].Reply(0, ScriptedQuorum.Nil);
        quorum.Clock.Advance(Delay / 2);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
        Assert.Equal([(1.0, "")], log.Of("redlock.wait.splits"));
        Assert.Equal([Wake("BackedOff")], log.Of(Wakes));
    }

    [Fact]
    public async Task Whoever_lets_others_go_first_asks_behind_them()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(1);
        RedlockMutex mutex = quorum.Mutex(Patient with { SuccessionLimit = 0 });
        LockHandle held = await quorum.TakeAsync(mutex);
        Task<LockResult> waiting = WaitBehindSomebody(quorum, mutex);
        ValueTask<UnlockStatus> release = mutex.UnlockAsync(held.Token, Token);
        quorum.Clock.Advance(While);
        quorum.ReplyAll(":2\r\n");
        Assert.Equal(UnlockStatus.Released, await release);
        quorum.Clock.Advance(While);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
        AssertEnded(log, "Poll", 2 * While);
        Assert.Equal([Wake("Yielded")], log.Of(Wakes));
        Assert.Empty(log.Of("redlock.successions"));
    }

    [Fact]
    public async Task Whoever_follows_one_that_left_goes_on_with_what_that_one_had_begun()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(1);
        using CancellationTokenSource cancellation = new();
        RedlockMutex mutex = quorum.Mutex(Patient);
        Task<LockResult> head = TryAsync(mutex, Wait, cancellation.Token);
        quorum.AnswerAttempts(ScriptedQuorum.Nil);
        Task<LockResult> behind = TryAsync(mutex, Wait, Token);
        quorum.Clock.Advance(Delay);
        int asked = quorum.Nodes[0].LatestAttempt();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => head.SoonAsync());
        await Eventually.Holds(() => quorum.Nodes[0].LatestAttempt() > asked, "the next one asks");
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await behind.SoonAsync()).IsAcquired);
        Assert.Equal([Wake("DelayPassed"), Wake("Followed")], log.Of(Wakes));
    }

    [Fact]
    public async Task A_release_of_the_same_factory_is_one_that_is_heard()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(1);
        RedlockMutex mutex = quorum.Mutex(Patient with { SuccessionLimit = 0 });
        LockHandle held = await quorum.TakeAsync(mutex);
        Task<LockResult> waiting = WaitBehindSomebody(quorum, mutex);
        ValueTask<UnlockStatus> release = mutex.UnlockAsync(held.Token, Token);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(UnlockStatus.Released, await release);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
        AssertEnded(log, "Wake", TimeSpan.Zero);
        Assert.Equal([Wake("Released")], log.Of(Wakes));
    }

    [Fact]
    public async Task A_node_that_refuses_to_tell_releases_wakes_as_one_that_begins_to()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(1);
        quorum.Nodes[0].Subscribers = [];
        Task<LockResult> waiting = WaitBehindSomebody(quorum, quorum.Mutex(Patient));
        (SubscriptionHandler handler, long tag) = Assert.Single(quorum.Nodes[0].Subscribers!);
        handler.OnEnded(tag, SubscriptionEnd.Refused, "NOPERM");
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
        AssertEnded(log, "Poll", TimeSpan.Zero);
        Assert.Equal([Wake("Subscribed")], log.Of(Wakes));
    }
}
