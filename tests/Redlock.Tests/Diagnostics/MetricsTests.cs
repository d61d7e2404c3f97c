using System.Diagnostics.Metrics;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

public class MetricsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ScriptedQuorum.Ok, LockStatus.Acquired, 0, 0)]
    [InlineData(ScriptedQuorum.Nil, LockStatus.Contended, 1, 0)]
    [InlineData("-LOADING wait\r\n", LockStatus.Unavailable, 0, 1)]
    public async Task An_acquisition_is_measured_by_its_status(string reply, LockStatus status, int contended, int unavailable)
    {
        using MeasurementLog log = new("Redlock.Fast");
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.Clock.Advance(TimeSpan.FromMilliseconds(20));
        quorum.ReplyAllAt(0, reply);
        Assert.Equal(status, (await pending).Status);
        Assert.Equal([(0.02, $"redlock.status={status}")], log.Of("redlock.acquire.duration"));
        Assert.Equal(contended, log.Of("redlock.attempts.contended").Count);
        Assert.Equal(unavailable, log.Of("redlock.attempts.unavailable").Count);
    }

    [Fact]
    public async Task A_cancelled_acquisition_is_not_taken_for_an_outage()
    {
        using MeasurementLog log = new("Redlock.Fast");
        using ScriptedQuorum quorum = new(3);
        using CancellationTokenSource cancellation = new();
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await pending);
        Assert.Empty(log.Of("redlock.acquire.duration"));
        Assert.Empty(log.Of("redlock.attempts.unavailable"));
    }

    [Fact]
    public async Task A_release_tells_how_long_the_lock_was_held_and_what_was_left()
    {
        using MeasurementLog log = new("Redlock.Fast");
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.Mutex());
        quorum.Clock.Advance(TimeSpan.FromSeconds(2));
        await ReleaseAsync(quorum, held);
        Assert.Equal([(2.0, "")], log.Of("redlock.hold.duration"));
        Assert.Equal([(5.918, "")], log.Of("redlock.release.remaining"));
    }

    [Fact]
    public async Task A_renewed_lock_was_held_from_the_first_and_has_left_what_the_last_renewal_gave()
    {
        using MeasurementLog log = new("Redlock.Fast");
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        TimeSpan first = KeptQuorum.Period + TimeSpan.FromTicks(1);
        quorum.Clock.Advance(first);
        quorum.ReplyAll(ScriptedQuorum.Done);
        quorum.Clock.Advance(TimeSpan.FromSeconds(1));
        await ReleaseAsync(quorum, held);
        Assert.Equal((first + TimeSpan.FromSeconds(1)).TotalSeconds, Assert.Single(log.Of("redlock.hold.duration")).Value, 3);
        Assert.Equal(6.918, Assert.Single(log.Of("redlock.release.remaining")).Value, 3);
    }

    [Fact]
    public async Task A_node_tells_its_round_trips_failures_reconnects_and_what_is_pending()
    {
        await using InMemoryNode server = InMemoryNode.Start();
        using MeasurementLog log = new("Redlock.Fast.Resp", server.Endpoint);
        await using RespNode node = RespNode.Connect(server.Endpoint);
        await node.WaitUntilConnectedAsync(Token);
        await node.SendAsync("PING");
        (double roundTrip, string tags) = Assert.Single(log.Of("resp.round_trip.duration"));
        Assert.InRange(roundTrip, double.Epsilon, Eventually.Patience.TotalSeconds);
        Assert.Equal(ServerOf(server), tags);

        server.Faults.Stall();
        Task<RespValue> pending = node.SendAsync("PING");
        log.Observe();
        Assert.Equal(1, Assert.Single(log.Of("resp.requests.pending")).Value);
        server.Faults.Resume();
        await pending;

        server.Stop();
        await Eventually.Holds(() => !node.IsConnected, "the node is lost");
        await Assert.ThrowsAsync<RespRequestException>(() => node.SendAsync("PING"));
        Assert.Contains(
            log.Of("resp.requests.failed"),
            failure => failure.Tags.StartsWith($"{ServerOf(server)} error.type=", StringComparison.Ordinal));
        Assert.Empty(log.Of("resp.reconnects"));
        server.Restart(NodeData.Keep);
        await node.WaitUntilConnectedAsync(Token);
        Assert.Single(log.Of("resp.reconnects"));
    }

    [Fact]
    public async Task A_lock_that_comes_too_late_to_be_handed_over_counts_as_unavailable()
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.ReplyAll(ScriptedQuorum.Ok);
        quorum.Clock.Advance(KeptQuorum.Validity);
        Assert.Equal(LockStatus.Unavailable, (await pending).Status);
        Assert.Equal(1, Assert.Single(log.Of("redlock.attempts.unavailable")).Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lock_that_ran_out_has_nothing_left_and_one_that_was_taken_away_is_not_measured(bool ranOut)
    {
        using MeasurementLog log = new(RedlockTelemetry.MeterName);
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.Mutex());
        TimeSpan heldFor = ranOut ? TimeSpan.FromSeconds(9) : TimeSpan.FromSeconds(2);
        quorum.Clock.Advance(heldFor);
        ValueTask releasing = held.DisposeAsync();
        quorum.ReplyAll(ScriptedQuorum.NothingThere);
        await releasing;
        Assert.Equal(ranOut ? [(0.0, "")] : [], log.Of("redlock.release.remaining"));
        Assert.Equal(ranOut ? [(heldFor.TotalSeconds, "")] : [], log.Of("redlock.hold.duration"));
    }

    [Fact]
    public async Task Two_connections_to_one_node_are_one_figure()
    {
        await using InMemoryNode server = InMemoryNode.Start();
        using MeasurementLog log = new(RedlockTelemetry.NodeMeterName, server.Endpoint);
        await using RespNode first = RespNode.Connect(server.Endpoint);
        await using RespNode second = RespNode.Connect(server.Endpoint);
        await first.WaitUntilConnectedAsync(Token);
        await second.WaitUntilConnectedAsync(Token);
        server.Faults.Stall();
        Task<RespValue>[] pending = [first.SendAsync("PING"), second.SendAsync("PING"), second.SendAsync("PING")];
        log.Observe();
        Assert.Equal(3, Assert.Single(log.Of("resp.requests.pending")).Value);
        server.Faults.Resume();
        await Task.WhenAll(pending);
    }

    [Fact]
    public async Task A_script_that_was_sent_again_is_counted()
    {
        await using InMemoryNode server = InMemoryNode.Start();
        using MeasurementLog log = new(RedlockTelemetry.NodeMeterName, server.Endpoint);
        await using RedlockFactory factory = RedlockFactory.Create(server.Endpoint);
        RedlockMutex mutex = factory.PatientMutex("door");
        LockHandle held = await mutex.LockAsync(Token);
        await factory.AskAllAsync("SCRIPT", "FLUSH");
        Assert.Equal(ExtendStatus.Extended, (await mutex.ExtendAsync(held, Token)).Status);
        Assert.Equal([(1.0, ServerOf(server))], log.Of("resp.scripts.reloaded"));
    }

    [Fact]
    public async Task Instruments_tell_their_version_and_durations_their_buckets()
    {
        await using InMemoryNode server = InMemoryNode.Start();
        await using RedlockFactory factory = RedlockFactory.Create(server.Endpoint);
        await factory.PatientMutex("door").LockAsync(Token);
        List<Instrument> published = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name is RedlockTelemetry.MeterName or RedlockTelemetry.NodeMeterName)
            {
                published.Add(instrument);
            }
        };
        listener.Start();
        Assert.Equal(2, published.Select(instrument => instrument.Meter.Name).Distinct().Count());
        Assert.All(
            published,
            instrument => Assert.Equal(typeof(RedlockFactory).Assembly.GetName().Version!.ToString(3), instrument.Meter.Version));
        Histogram<double>[] histograms = [.. published.OfType<Histogram<double>>()];
        Assert.Equal(6, histograms.Length);
        Assert.All(histograms, histogram =>
        {
            double[] bounds = [.. histogram.Advice!.HistogramBucketBoundaries!];
            Assert.Equal(bounds.Order(), bounds);
            Assert.Equal((histogram.Name == "db.client.operation.duration" ? 0.001 : 0.0001, 10), (bounds[0], bounds[^1]));
        });
    }

    [Fact]
    public async Task A_node_is_counted_while_it_is_connected()
    {
        await using InMemoryNode server = InMemoryNode.Start();
        using MeasurementLog log = new(RedlockTelemetry.NodeMeterName, server.Endpoint);
        RespNode node = RespNode.Connect(server.Endpoint);
        await node.WaitUntilConnectedAsync(Token);
        log.Observe();
        server.Stop();
        await Eventually.Holds(() => !node.IsConnected, "the node is lost");
        log.Observe();
        node.Dispose();
        log.Observe();
        Assert.Equal([(1.0, ServerOf(server)), (0.0, ServerOf(server))], log.Of("resp.nodes.connected"));
    }

    [Fact]
    public async Task Each_command_is_an_operation_of_a_database_client()
    {
        const string operation = "db.client.operation.duration";
        await using TempRedis server = await TempRedis.StartAsync(cancellationToken: Token);
        using MeasurementLog log = new(RedlockTelemetry.NodeMeterName, server.Endpoint);
        await using RedlockFactory factory = RedlockFactory.Create(server.Endpoint);
        await factory.WaitUntilConnectedAsync(Token);
        await using (await factory.PatientMutex("door").LockAsync(Token))
        {
        }

        RespNode node = factory.Node(0);
        await node.SendAsync("ping");
        await node.SendAsync("INCR", "door", "and too much");
        await node.SendAsync("EVAL", "return redis.error_reply('MINE own')", "0");
        await node.SendAsync("no command");
        string[] parts = server.Endpoint.Split(':');
        string any = $"server.address={parts[0]} server.port={parts[1]} db.system.name=redis";
        string[] told = [.. log.Of(operation).Select(measured => measured.Tags)];
        Assert.Equal(
            [
                $"{any} db.operation.name=SET",
                $"{any} db.operation.name=EVALSHA",
                $"{any} db.operation.name=PING",
                $"{any} db.operation.name=INCR db.response.status_code=ERR error.type=ERR",
                $"{any} db.operation.name=EVAL error.type=_OTHER",
                $"{any} db.response.status_code=ERR error.type=ERR",
            ],
            told.Where(tags => !tags.Contains("CONFIG", StringComparison.Ordinal)));
        Assert.All(log.Of(operation), measured => Assert.InRange(measured.Value, double.Epsilon, Eventually.Patience.TotalSeconds));

        server.Pause();
        RedlockMutex hasty = factory.CreateMutex("door", MutexOptions.NonBlocking with { NodeTimeLimit = TimeSpan.FromMilliseconds(50) });
        Assert.Equal(LockStatus.Unavailable, (await hasty.TryLockAsync(Token)).Status);
        Assert.Contains(
            log.Of(operation),
            measured => measured.Tags == $"{any} db.operation.name=SET error.type=TimedOut" && measured.Value >= 0.05);
        server.Resume();
        await Eventually.Holds(() => node.Pending == 0, "the late answer is there");

        // It was told as one that did not come, and of whom nobody waits for, the command is not known any more.
        Assert.DoesNotContain(log.Of(operation), measured => measured.Tags == any);
    }

    private static string ServerOf(InMemoryNode server)
    {
        string[] parts = server.Endpoint.Split(':');
        return $"server.address={parts[0]} server.port={parts[1]}";
    }

    private static async Task ReleaseAsync(ScriptedQuorum quorum, LockHandle held)
    {
        ValueTask releasing = held.DisposeAsync();
        quorum.ReplyAll(ScriptedQuorum.Done);
        await releasing;
    }
}
