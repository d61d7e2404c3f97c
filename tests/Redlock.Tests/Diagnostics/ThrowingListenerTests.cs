using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

// A listener hears every test of the process, and one that throws keeps the figures from those behind it.
[Collection(nameof(ListeningAlone))]
public class ThrowingListenerTests
{
    public enum ThrowsAt
    {
        Sampling = 0,
        Start,
        Stop,
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_goes_on_whatever_its_figures_meet()
    {
        ConcurrentDictionary<string, int> thrown = new();
        using MeterListener listener = Throwing(RedlockTelemetry.NodeMeterName, thrown);
        await using InMemoryNode server = InMemoryNode.Start();
        await using RedlockFactory factory = RedlockFactory.Create(server.Endpoint);
        await factory.WaitUntilConnectedAsync(Token);
        RespNode node = factory.Node(0);
        RedlockMutex mutex = factory.PatientMutex("door");
        LockHandle held = await mutex.LockAsync(Token);
        await node.SendAsync("SCRIPT", "FLUSH");
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(held, Token));
        Assert.Equal(0, node.Reconnects);

        server.Stop();
        await Eventually.Holds(() => !node.IsConnected, "the node is lost");
        await Assert.ThrowsAsync<RespRequestException>(() => node.SendAsync("PING"));
        server.Restart(NodeData.Keep);
        await node.WaitUntilConnectedAsync(Token);
        Assert.Equal("PONG", (await node.SendAsync("PING")).AsString());
        Assert.Equal(1, node.Reconnects);
        Assert.Equal(
            [
                "db.client.operation.duration",
                "resp.handlers.failed",
                "resp.reconnects",
                "resp.requests.failed",
                "resp.round_trip.duration",
                "resp.scripts.reloaded",
            ],
            thrown.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_lock_is_taken_and_released_whatever_its_figures_meet()
    {
        ConcurrentDictionary<string, int> thrown = new();
        using MeterListener listener = Throwing(RedlockTelemetry.MeterName, thrown);
        foreach ((string reply, LockStatus status) in new[]
        {
            (ScriptedQuorum.Nil, LockStatus.Contended),
            ("-LOADING wait\r\n", LockStatus.Unavailable),
        })
        {
            using ScriptedQuorum refusing = new(3);
            ValueTask<LockResult> pending = refusing.Mutex().TryLockAsync(Token);
            refusing.ReplyAllAt(0, reply);
            Assert.Equal(status, (await pending).Status);
        }

        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockHandle held = await quorum.TakeAsync(mutex);
        ValueTask<UnlockStatus> releasing = mutex.UnlockAsync(held, Token);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(UnlockStatus.Released, await releasing);
        Assert.Equal(
            [
                "redlock.acquire.duration", "redlock.attempts.contended", "redlock.attempts.unavailable",
                "redlock.handlers.failed", "redlock.hold.duration",
                "redlock.release.remaining",
            ],
            thrown.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            thrown.Where(entry => entry.Key != "redlock.handlers.failed").Sum(entry => entry.Value), thrown["redlock.handlers.failed"]);
    }

    [Theory]
    [InlineData(ThrowsAt.Sampling)]
    [InlineData(ThrowsAt.Start)]
    [InlineData(ThrowsAt.Stop)]
    public async Task A_lock_is_taken_and_released_whatever_its_spans_meet(ThrowsAt place)
    {
        int thrown = 0;
        void Meet(ThrowsAt met)
        {
            if (met == place)
            {
                thrown++;
                throw new InvalidTimeZoneException();
            }
        }

        using ScriptedQuorum quorum = new(3);
        using Activity caller = new Activity("caller").Start();
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == RedlockTelemetry.ActivitySourceName,
            Sample = (ref _) =>
            {
                Meet(ThrowsAt.Sampling);
                return ActivitySamplingResult.AllDataAndRecorded;
            },
            ActivityStarted = _ => Meet(ThrowsAt.Start),
            ActivityStopped = _ => Meet(ThrowsAt.Stop),
        };
        ActivitySource.AddActivityListener(listener);
        LockHandle held = await quorum.TakeAsync(quorum.Mutex());
        Assert.True(held.IsHeld);
        Assert.Same(caller, Activity.Current);
        ValueTask<UnlockStatus> releasing = quorum.Mutex().UnlockAsync(held, Token);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(UnlockStatus.Released, await releasing);
        Assert.Same(caller, Activity.Current);
        Assert.Equal(2, thrown);
    }

    private static MeterListener Throwing(string meter, ConcurrentDictionary<string, int> thrown)
    {
        MeterListener listener = new()
        {
            InstrumentPublished = (instrument, subscriber) =>
            {
                if (instrument.Meter.Name == meter && !instrument.IsObservable)
                {
                    subscriber.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => Throw(instrument));
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => Throw(instrument));
        listener.Start();
        return listener;

        void Throw(Instrument instrument)
        {
            thrown.AddOrUpdate(instrument.Name, 1, (_, count) => count + 1);
            throw new InvalidTimeZoneException();
        }
    }
}
