using System.Diagnostics;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>What is measured of those who wait, under a clock that stands still.</summary>
public class WaitMetricsTests
{
    private const string Wakes = "redlock.wait.wakes";
    private const string HeldForLong = ":7000000\r\n";

    private static readonly TimeSpan _delay = TimeSpan.FromHours(1);
    private static readonly TimeSpan _wait = TimeSpan.FromMinutes(90);
    private static readonly TimeSpan _while = TimeSpan.FromMilliseconds(20);

    private static MutexOptions Patient { get; } = MutexOptions.Blocking with
    {
        Expiry = TimeSpan.FromHours(2),
        DelayFunction = _ => _delay,
        NodeTimeLimit = TimeSpan.FromSeconds(1),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lock_that_is_handed_on_is_a_succession()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(Patient);
        LockHandle held = await quorum.TakeAsync(mutex);
        Task<LockResult> waiting = WaitBehindSomebody(quorum, mutex);
        quorum.Clock.Advance(_while);
        ValueTask<UnlockStatus> release = mutex.UnlockAsync(held.Token, Token);
        quorum.AnswerAttempts("+SUCCEEDED\r\n");
        Assert.Equal(UnlockStatus.Released, await release);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
        AssertEnded(log, "Succession", _while);
        Assert.Equal([(1.0, "redlock.status=Taken")], log.Of("redlock.successions"));
        Assert.Empty(log.Of(Wakes));
    }

    [Fact]
    public async Task A_succession_that_takes_too_few_nodes_is_undone_and_stepped_back_from()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(1);
        RedlockMutex mutex = quorum.Mutex(Patient);
        LockHandle held = await quorum.TakeAsync(mutex);
        Task<LockResult> waiting = WaitBehindSomebody(quorum, mutex);
        ValueTask<UnlockStatus> release = mutex.UnlockAsync(held.Token, Token);
        quorum.Clock.Advance(_while);
        quorum.AnswerAttempts("-LOADING wait\r\n");
        Assert.Equal(UnlockStatus.Unknown, await release);
        quorum.Clock.Advance(_delay / 2);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
        AssertEnded(log, "Poll", _while + (_delay / 2));
        Assert.Equal([(1.0, "redlock.status=Undone")], log.Of("redlock.successions"));
        Assert.Equal([Wake("BackedOff")], log.Of(Wakes));
        Assert.Empty(log.Of("redlock.wait.splits"));
    }

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
        quorum.Clock.Advance(_while);
        handler.OnMessage(tag, "1"u8);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
        AssertEnded(log, "Wake", _while);
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
        quorum.Clock.Advance(_delay);
        quorum.AnswerAttempts(":700\r\n");
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(702));
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
        AssertEnded(log, "Poll", _delay + TimeSpan.FromMilliseconds(702));
        Assert.Equal([Wake("Expired"), Wake("DelayPassed")], log.Of(Wakes));
    }

    [Fact]
    public async Task A_split_is_counted_and_stepped_back_from()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(3);
        Task<LockResult> waiting = TryAsync(quorum.Mutex(Patient), _wait, Token);
        quorum.Clock.Advance(_while);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[1].Reply(0, ScriptedQuorum.Nil);
        quorum.Nodes[2].Reply(0, ScriptedQuorum.Nil);
        quorum.Clock.Advance(_delay / 2);
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
        quorum.Clock.Advance(_while);
        quorum.ReplyAll(":2\r\n");
        Assert.Equal(UnlockStatus.Released, await release);
        quorum.Clock.Advance(_while);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
        AssertEnded(log, "Poll", 2 * _while);
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
        Task<LockResult> head = TryAsync(mutex, _wait, cancellation.Token);
        quorum.AnswerAttempts(ScriptedQuorum.Nil);
        Task<LockResult> behind = TryAsync(mutex, _wait, Token);
        quorum.Clock.Advance(_delay);
        int asked = quorum.Nodes[0].LatestAttempt();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => head.SoonAsync());
        await Eventually.Holds(() => quorum.Nodes[0].LatestAttempt() > asked, "the next one asks");
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await behind.SoonAsync()).IsAcquired);
        Assert.Equal([Wake("DelayPassed"), Wake("Followed")], log.Of(Wakes));
    }

    [Theory]
    [InlineData("Contended")]
    [InlineData("Unavailable")]
    [InlineData("Cancelled")]
    [InlineData("Disposed")]
    [InlineData("Faulted")]
    public async Task A_wait_without_the_lock_says_why(string end)
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(1);
        using CancellationTokenSource cancellation = new();
        MutexOptions faulty = Patient with { DelayFunction = tries => tries == 1 ? _delay : throw new InvalidTimeZoneException() };
        RedlockMutex mutex = quorum.Mutex(end == "Faulted" ? faulty : Patient);
        Task<LockResult> waiting = TryAsync(mutex, _wait, cancellation.Token);
        quorum.AnswerAttempts(ScriptedQuorum.Nil);
        TimeSpan waited = _while;
        quorum.Clock.Advance(_while);
        switch (end)
        {
            case "Contended":
                waited = _wait;
                quorum.Clock.Advance(_wait - _while);
                quorum.AnswerAttempts(HeldForLong);
                break;
            case "Unavailable":
                waited = _wait;
                quorum.Clock.Advance(_delay - _while);
                quorum.Nodes[0].Fail(quorum.Nodes[0].LatestAttempt(), RequestFailure.ConnectionLost);
                quorum.Clock.Advance(_wait - _delay);
                break;
            case "Cancelled":
                await cancellation.CancelAsync();
                break;
            case "Disposed":
                quorum.Factory.Dispose();
                break;
            default:
                waited = _delay;
                quorum.Clock.Advance(_delay - _while);
                quorum.AnswerAttempts(HeldForLong);
                break;
        }

        await ((Task)waiting).SoonAsync().ContinueWith(_ => { }, TaskScheduler.Default);
        AssertEnded(log, end, waited);
    }

    [Theory]
    [InlineData(ScriptedQuorum.Ok)]
    [InlineData(ScriptedQuorum.Nil)]
    public async Task A_call_that_does_not_wait_is_no_wait(string reply)
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using SpanLog spans = new();
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.ReplyAllAt(0, reply);
        await pending;
        Assert.Single(log.Of("redlock.acquire.duration"));
        Assert.Empty(log.Of("redlock.wait.duration"));
        Activity span = Assert.Single(spans.Stopped);
        Assert.Null(span.GetTagItem("redlock.wait.end"));
        Assert.Null(span.GetTagItem("redlock.attempts"));
    }

    [Fact]
    public async Task The_span_of_a_call_that_waited_says_how_often_it_asked_and_how_its_wait_ended()
    {
        using SpanLog spans = new();
        using ScriptedQuorum quorum = new(1);
        Task<LockResult> waiting = WaitBehindSomebody(quorum, quorum.Mutex(Patient));
        quorum.Clock.Advance(_delay);
        quorum.AnswerAttempts(":0\r\n");
        quorum.Clock.Advance(_while);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
        Activity span = Assert.Single(spans.Stopped);
        Assert.Equal(3, span.GetTagItem("redlock.attempts"));
        Assert.Equal(2, span.GetTagItem("redlock.tries"));
        Assert.Equal("Poll", span.GetTagItem("redlock.wait.end"));
    }

    private static (double Value, string Tags) Wake(string cause) => (1, $"redlock.cause={cause}");

    private static void AssertEnded(MeasurementLog log, string end, TimeSpan waited)
    {
        (double seconds, string tags) = Assert.Single(log.Of("redlock.wait.duration"));
        Assert.Equal($"redlock.wait.end={end}", tags);
        Assert.Equal(waited.TotalSeconds, seconds, 6);
    }

    // The caller's own flow takes the result, which is where figures are told.
    private static async Task<LockResult> TryAsync(RedlockMutex mutex, TimeSpan wait, CancellationToken token) =>
        await mutex.TryLockAsync(wait, token);

    private static Task<LockResult> WaitBehindSomebody(ScriptedQuorum quorum, RedlockMutex mutex)
    {
        Task<LockResult> waiting = TryAsync(mutex, _wait, Token);
        quorum.AnswerAttempts(ScriptedQuorum.Nil);
        Assert.Equal(1, quorum.Factory.Waiters);
        return waiting;
    }
}
