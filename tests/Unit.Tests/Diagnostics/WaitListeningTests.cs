using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Redlock.Fast.Unit.Tests;

// Who waits is one figure for the whole process, and whoever listens has everybody timed.
[Collection(nameof(ListeningAlone))]
public class WaitListeningTests
{
    private static readonly TimeSpan _wait = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_stands_in_line_is_one_that_waits()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking);
        double before = Observe(log);
        ValueTask<LockResult> head = mutex.TryLockAsync(_wait, Token);
        Assert.Equal(before, Observe(log));
        quorum.AnswerAttempts(ScriptedQuorum.Nil);
        Assert.Equal(before + 1, Observe(log));
        ValueTask<LockResult> behind = mutex.TryLockAsync(_wait, Token);
        Assert.Equal(before + 2, Observe(log));
        quorum.Factory.Dispose();
        Assert.Equal(before, Observe(log));
        Assert.Equal(LockStatus.Unavailable, (await head.AsTask().SoonAsync()).Status);
        Assert.Equal(LockStatus.Unavailable, (await behind.AsTask().SoonAsync()).Status);
    }

    [Fact]
    public async Task A_wait_that_began_before_anybody_listened_is_not_timed()
    {
        using ScriptedQuorum quorum = new(1);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking with { Expiry = 60 * _wait, DelayFunction = _ => _wait });
        ValueTask<LockResult> pending = mutex.TryLockAsync(2 * _wait, Token);
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(20));
        quorum.AnswerAttempts(ScriptedQuorum.Nil);
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        quorum.Clock.Advance(_wait);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await pending.AsTask().SoonAsync()).IsAcquired);
        Assert.Single(log.Of("redlock.wait.wakes"));
        Assert.Empty(log.Of("redlock.wait.duration"));
    }

    [Fact]
    public async Task A_listener_that_throws_takes_no_lock_from_whoever_waited()
    {
        ConcurrentDictionary<string, int> thrown = new();
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, subscriber) =>
        {
            if (instrument.Name.StartsWith("redlock.wait.", StringComparison.Ordinal))
            {
                subscriber.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => Throw(instrument));
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => Throw(instrument));
        listener.Start();
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.Blocking with { Expiry = 60 * _wait, DelayFunction = _ => _wait });
        ValueTask<LockResult> pending = mutex.TryLockAsync(2 * _wait, Token);
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(20));
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[1].Reply(0, ScriptedQuorum.Nil);
        quorum.Nodes[2].Reply(0, ScriptedQuorum.Nil);
        quorum.Clock.Advance(_wait);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await pending.AsTask().SoonAsync()).IsAcquired);
        Assert.Equal(["redlock.wait.duration", "redlock.wait.splits", "redlock.wait.wakes"], thrown.Keys.Order(StringComparer.Ordinal));

        void Throw(Instrument instrument)
        {
            thrown.AddOrUpdate(instrument.Name, 1, (_, count) => count + 1);
            throw new InvalidTimeZoneException();
        }
    }

    private static double Observe(MeasurementLog log)
    {
        // Before the first lock of the process there is no such figure.
        log.Observe();
        IReadOnlyList<(double Value, string Tags)> seen = log.Of("redlock.waiters");
        return seen.Count == 0 ? 0 : seen[^1].Value;
    }
}
