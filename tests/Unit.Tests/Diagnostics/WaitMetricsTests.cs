using System.Diagnostics;
using Redlock.Fast.Resp;
using static Redlock.Fast.Unit.Tests.PatientWaits;

namespace Redlock.Fast.Unit.Tests;

/// <summary>What is measured of those who wait, and how their wait ended.</summary>
public class WaitMetricsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lock_that_is_handed_on_is_a_succession()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(Patient);
        LockHandle held = await quorum.TakeAsync(mutex);
        Task<LockResult> waiting = WaitBehindSomebody(quorum, mutex);
        quorum.Clock.Advance(While);
        ValueTask<UnlockStatus> release = mutex.UnlockAsync(held.Token, Token);
        quorum.AnswerAttempts("+SUCCEEDED\r\n");
        Assert.Equal(UnlockStatus.Released, await release);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
        AssertEnded(log, "Succession", While);
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
        quorum.Clock.Advance(While);
        quorum.AnswerAttempts("-LOADING wait\r\n");
        Assert.Equal(UnlockStatus.Unknown, await release);
        quorum.Clock.Advance(Delay / 2);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
        AssertEnded(log, "Poll", While + (Delay / 2));
        Assert.Equal([(1.0, "redlock.status=Undone")], log.Of("redlock.successions"));
        Assert.Equal([Wake("BackedOff")], log.Of(Wakes));
        Assert.Empty(log.Of("redlock.wait.splits"));
    }

    [Fact]
    public async Task A_factory_that_is_disposed_while_the_head_asks_ends_its_wait()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(1);
        Task<LockResult> waiting = WaitBehindSomebody(quorum, quorum.Mutex(Patient));
        quorum.Clock.Advance(Delay);
        quorum.Factory.Dispose();
        quorum.AnswerAttempts(HeldForLong);
        Assert.Equal(LockStatus.Unavailable, (await waiting.SoonAsync()).Status);
        AssertEnded(log, "Disposed", Delay);
    }

    [Fact]
    public async Task A_wait_is_told_once_and_not_with_the_next_call()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(1);
        Task<LockResult> waiting = WaitBehindSomebody(quorum, quorum.Mutex(Patient));
        quorum.Clock.Advance(Delay);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
        await quorum.TakeAsync(quorum.Factory.CreateMutex("window", MutexOptions.NonBlocking));
        Assert.Equal(2, log.Of("redlock.acquire.duration").Count);
        AssertEnded(log, "Poll", Delay);
        Assert.Single(log.Of(Wakes));
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
        MutexOptions faulty = Patient with { DelayFunction = tries => tries == 1 ? Delay : throw new InvalidTimeZoneException() };
        RedlockMutex mutex = quorum.Mutex(end == "Faulted" ? faulty : Patient);
        Task<LockResult> waiting = TryAsync(mutex, Wait, cancellation.Token);
        quorum.AnswerAttempts(ScriptedQuorum.Nil);
        TimeSpan waited = While;
        quorum.Clock.Advance(While);
        switch (end)
        {
            case "Contended":
                waited = Wait;
                quorum.Clock.Advance(Wait - While);
                quorum.AnswerAttempts(HeldForLong);
                break;
            case "Unavailable":
                waited = Wait;
                quorum.Clock.Advance(Delay - While);
                quorum.Nodes[0].Fail(quorum.Nodes[0].LatestAttempt(), RequestFailure.ConnectionLost);
                quorum.Clock.Advance(Wait - Delay);
                break;
            case "Cancelled":
                await cancellation.CancelAsync();
                break;
            case "Disposed":
                quorum.Factory.Dispose();
                break;
            default:
                waited = Delay;
                quorum.Clock.Advance(Delay - While);
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
        quorum.Clock.Advance(Delay);
        quorum.AnswerAttempts(":0\r\n");
        quorum.Clock.Advance(While);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
        Activity span = Assert.Single(spans.Stopped);
        Assert.Equal(3, span.GetTagItem("redlock.attempts"));
        Assert.Equal(2, span.GetTagItem("redlock.tries"));
        Assert.Equal("Poll", span.GetTagItem("redlock.wait.end"));
    }
}
