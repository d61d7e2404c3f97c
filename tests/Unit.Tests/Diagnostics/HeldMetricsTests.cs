using System.Diagnostics.Metrics;

namespace Redlock.Fast.Unit.Tests;

/// <summary>How many locks are held and kept now.</summary>
[Collection(nameof(ListeningAlone))]
public class HeldMetricsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lock_is_held_from_its_acquisition_to_its_release()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        Figures before = Figures.Now();
        ValueTask<LockResult> refused = mutex.TryLockAsync(Token);
        quorum.ReplyAllAt(0, ScriptedQuorum.Nil);
        await refused;
        Assert.Equal(new Figures(0, 0), Figures.Now() - before);
        LockHandle first = await quorum.TakeAsync(mutex);
        LockHandle second = await quorum.TakeAsync(mutex);
        Assert.Equal(new Figures(2, 0), Figures.Now() - before);
        await ReleaseAsync(quorum, first);
        Assert.Equal(new Figures(1, 0), Figures.Now() - before);
        await ReleaseAsync(quorum, first);
        Assert.Equal(new Figures(1, 0), Figures.Now() - before);
        await ReleaseAsync(quorum, second);
        Assert.Equal(new Figures(0, 0), Figures.Now() - before);
    }

    [Fact]
    public async Task A_lock_that_nobody_releases_is_held_until_its_deadline_and_an_extension_moves_that()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        Figures before = Figures.Now();
        LockHandle held = await quorum.TakeAsync(mutex);
        quorum.Clock.Advance(KeptQuorum.Validity / 2);
        ValueTask<ExtendResult> extending = mutex.ExtendAsync(held.Token, Token);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.True((await extending).IsExtended);
        quorum.Clock.Advance(KeptQuorum.Validity - TimeSpan.FromTicks(1));
        Assert.Equal(new Figures(1, 0), Figures.Now() - before);
        quorum.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(new Figures(0, 0), Figures.Now() - before);
        GC.KeepAlive(held);
    }

    [Fact]
    public async Task A_lock_that_is_detached_is_still_one_lock()
    {
        using ScriptedQuorum quorum = new(3);
        Figures before = Figures.Now();
        LockHandle held = await quorum.TakeAsync(quorum.Mutex());
        LockToken detached = held.Detach();
        Assert.False(detached.IsDefault);
        Assert.Equal(new Figures(1, 0), Figures.Now() - before);
        quorum.Clock.Advance(KeptQuorum.Validity);
        Assert.Equal(new Figures(0, 0), Figures.Now() - before);
    }

    [Fact]
    public async Task A_lock_is_kept_while_it_is_renewed_or_watched_and_not_once_it_is_lost()
    {
        using ScriptedQuorum quorum = new(3);
        Figures before = Figures.Now();
        LockHandle renewed = await quorum.TakeAsync(quorum.KeepingMutex());
        LockHandle watched = await quorum.TakeAsync(quorum.Mutex());
        Assert.False(watched.Lost.IsCancellationRequested);
        Assert.Equal(new Figures(2, 2), Figures.Now() - before);
        quorum.Clock.Advance(KeptQuorum.Period + TimeSpan.FromTicks(1));
        quorum.ReplyAll(ScriptedQuorum.NothingThere);
        await Eventually.Holds(() => !renewed.IsHeld, "it is lost");
        Assert.Equal(new Figures(1, 1), Figures.Now() - before);
        await ReleaseAsync(quorum, watched);
        Assert.Equal(new Figures(0, 0), Figures.Now() - before);
    }

    [Fact]
    public void Who_is_gone_is_forgotten_and_who_is_there_is_not()
    {
        Census<object> census = new();
        object[] known = [.. Enumerable.Range(0, 40).Select(_ => census.Add(new object()))];
        AddUnknown(census, 1000);
        GC.Collect();
        AddUnknown(census, 1000);
        GC.Collect();
        Assert.Equal(known, census.Present());
        GC.KeepAlive(known);
    }

    private static void AddUnknown(Census<object> census, int count)
    {
        for (int made = 0; made < count; made++)
        {
            census.Add(new object());
        }
    }

    private static async Task ReleaseAsync(ScriptedQuorum quorum, LockHandle held)
    {
        ValueTask releasing = held.DisposeAsync();
        quorum.ReplyAll(ScriptedQuorum.Done);
        await releasing;
    }

    private readonly record struct Figures(long Held, long Kept)
    {
        public static Figures operator -(Figures left, Figures right) => new(left.Held - right.Held, left.Kept - right.Kept);

        public static Figures Now()
        {
            // What tests before this one have dropped without a release goes with them.
            GC.Collect();
            Dictionary<string, long> told = [];
            using MeterListener listener = new()
            {
                InstrumentPublished = static (instrument, listener) =>
                {
                    if (instrument.Meter.Name == RedlockTelemetry.MeterName)
                    {
                        listener.EnableMeasurementEvents(instrument);
                    }
                },
            };
            listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => told[instrument.Name] = value);
            listener.Start();
            listener.RecordObservableInstruments();
            return new Figures(told["redlock.locks.held"], told["redlock.locks.kept"]);
        }
    }
}
