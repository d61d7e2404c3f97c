using System.Diagnostics.Metrics;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// Losses are counted on the thread pool and carry no names, so nobody else may lose a lock meanwhile.
[Collection(nameof(ListeningAlone))]
public class LossMetricsTests
{
    [Theory]
    [InlineData(LossReason.Refused)]
    [InlineData(LossReason.DeadlinePassed)]
    public async Task A_loss_is_counted_with_its_reason_away_from_the_locks(LossReason reason)
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.KeepingMutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        TaskCompletionSource<object?> counted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using ManualResetEventSlim seen = new();
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, subscriber) =>
        {
            if (instrument.Name == "redlock.locks.lost")
            {
                subscriber.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            object? value = tags[0].Value;
            seen.Wait(Eventually.Patience);
            counted.SetResult(value);
        });
        listener.Start();
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        if (reason == LossReason.Refused)
        {
            quorum.ReplyAll(ScriptedQuorum.Someone);
        }
        else
        {
            quorum.Clock.Advance(KeptQuorum.Validity);
        }

        // A listener that blocks stands in nobody's way: this would wait for it.
        Assert.False(held.IsHeld);
        Assert.True(held.Lost.IsCancellationRequested);
        Assert.False(counted.Task.IsCompleted);
        seen.Set();
        Assert.Equal(reason.ToString(), await counted.Task.SoonAsync());
    }

    [Fact]
    public async Task A_listener_that_throws_stands_between_no_handler_and_the_loss()
    {
        using ScriptedQuorum quorum = new(3);
        TaskCompletionSource<LossReason> lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        quorum.Factory.LockLost += (_, loss) => lost.SetResult(loss.Reason);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        int thrown = 0;
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, subscriber) =>
        {
            if (instrument.Name is "redlock.locks.lost" or "redlock.handlers.failed")
            {
                subscriber.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) =>
        {
            Interlocked.Increment(ref thrown);
            throw new InvalidTimeZoneException();
        });
        listener.Start();
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        quorum.ReplyAll(ScriptedQuorum.Someone);
        Assert.Equal(LossReason.Refused, await lost.Task.SoonAsync());
        Assert.False(held.IsHeld);

        // The loss, and that counting it failed.
        Assert.Equal(2, Volatile.Read(ref thrown));
    }
}
