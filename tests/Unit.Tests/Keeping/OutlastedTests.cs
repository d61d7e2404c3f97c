using System.Collections.Concurrent;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public class OutlastedTests
{
    private const string Counter = "redlock.locks.outlasted";

    private readonly ConcurrentQueue<string> _told = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ScriptedQuorum.NothingThere, UnlockStatus.NotHeld)]
    [InlineData(ScriptedQuorum.Someone, UnlockStatus.NotHeld)]
    [InlineData(ScriptedQuorum.Done, UnlockStatus.Released)]
    [InlineData("-LOADING wait\r\n", UnlockStatus.Unknown)]
    public async Task A_release_behind_the_deadline_is_told_and_counted_once_however_it_ends(string reply, UnlockStatus status)
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = Listening();
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        quorum.Clock.Advance(KeptQuorum.Validity + TimeSpan.FromSeconds(1));
        ValueTask<UnlockStatus> releasing = mutex.UnlockAsync(held, Token);
        quorum.ReplyAll(reply);
        Assert.Equal(status, await releasing);
        await Eventually.Holds(() => !_told.IsEmpty, "it is told");

        // Its handle is disposed as well.
        ValueTask disposing = held.DisposeAsync();
        quorum.ReplyAll(ScriptedQuorum.NothingThere);
        await disposing;
        await SettleAsync(quorum);
        Assert.Equal(["outlasted door 1000", "outlasted witness 1000"], _told);
        Assert.Equal(2, log.Of(Counter).Count);
    }

    [Fact]
    public async Task A_release_in_time_is_not_told()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = Listening();
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        ValueTask disposing = held.DisposeAsync();
        quorum.ReplyAll(ScriptedQuorum.Done);
        await disposing;
        quorum.Clock.Advance(KeptQuorum.Validity + TimeSpan.FromSeconds(1));
        ValueTask again = held.DisposeAsync();
        quorum.ReplyAll(ScriptedQuorum.NothingThere);
        await again;
        await SettleAsync(quorum);
        Assert.Equal(["outlasted witness 1000"], _told);
        Assert.Single(log.Of(Counter));
    }

    [Theory]
    [InlineData("-LOADING wait\r\n", 1)]
    [InlineData(ScriptedQuorum.Someone, 0)]
    [InlineData(ScriptedQuorum.Done, 0)]
    public async Task A_release_in_time_that_no_quorum_confirms_or_denies_is_counted(string reply, int counted)
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.Mutex());
        ValueTask disposing = held.DisposeAsync();
        quorum.ReplyAll(reply);
        await disposing;
        Assert.Equal(counted, log.Of("redlock.releases.unknown").Count);
    }

    [Theory]
    [InlineData(ScriptedQuorum.Someone)]
    [InlineData("-LOADING wait\r\n")]
    public async Task A_lock_whose_loss_was_told_makes_no_second_event_at_its_release(string reply)
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = Listening();
        LockHandle held = await quorum.TakeAsync(quorum.Mutex());
        Assert.False(held.Lost.IsCancellationRequested);
        quorum.Clock.Advance(KeptQuorum.Validity + TimeSpan.FromSeconds(1));
        Assert.True(held.Lost.IsCancellationRequested);
        ValueTask disposing = held.DisposeAsync();
        quorum.ReplyAll(reply);
        await disposing;
        await SettleAsync(quorum);
        Assert.Equal(["lost door", "outlasted witness 1000"], _told.Order());
        Assert.Single(log.Of(Counter));
    }

    [Fact]
    public async Task A_loss_that_a_quorum_told_makes_no_second_event_before_its_deadline_either()
    {
        using ScriptedQuorum quorum = Listening();
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        quorum.ReplyAll(ScriptedQuorum.Someone);
        Assert.False(held.IsHeld);
        ValueTask disposing = held.DisposeAsync();
        quorum.ReplyAll("-LOADING wait\r\n");
        await disposing;
        await SettleAsync(quorum);
        Assert.Equal(["lost door", "outlasted witness 1000"], _told.Order());
    }

    // Events are told on the pool; what was told before this one has had its turn when it comes.
    private async Task SettleAsync(ScriptedQuorum quorum)
    {
        RedlockMutex witness = quorum.Factory.CreateMutex(
            "witness", MutexOptions.NonBlocking with { Continuation = ContinuationMode.Inline });
        LockHandle held = await quorum.TakeAsync(witness);
        quorum.Clock.Advance(KeptQuorum.Validity + TimeSpan.FromSeconds(1));
        ValueTask disposing = held.DisposeAsync();
        quorum.ReplyAll(ScriptedQuorum.NothingThere);
        await disposing;
        await Eventually.Holds(() => _told.Contains("outlasted witness 1000"), "the witness is told");
    }

    private ScriptedQuorum Listening()
    {
        ScriptedQuorum quorum = new(3);
        quorum.Factory.LockOutlasted += (_, late) => _told.Enqueue($"outlasted {late.Name} {late.Late.TotalMilliseconds:0}");
        quorum.Factory.ReleaseUnknown += (_, release) => _told.Enqueue($"unknown {release.Name}");
        quorum.Factory.LockLost += (_, lost) => _told.Enqueue($"lost {lost.Name}");
        return quorum;
    }
}
