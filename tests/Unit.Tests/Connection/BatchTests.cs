using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// What a batch of replies sets off, on a connection without a node around it.
public sealed class BatchTests
{
    private const int Window = 1024;

    private readonly LeapingClock _clock = new();
    private readonly OutcomeRecorder _outcomes = new();
    private readonly RecordingPipe _pipe = new();
    private readonly RespConnection _connection;

    public BatchTests() => _connection = LoneConnection.Of(
        new RespNodeOptions { TimeProvider = _clock, QueueLimits = new RespQueueLimits { WindowBytes = Window } });

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(64)]
    public void What_would_come_too_late_is_told_so_and_what_stands_around_it_is_sent(int late)
    {
        const long SlowTicks = 5_000;
        BecomeReady();
        byte[] small = Sending.Frame("PING");
        byte[] large = new byte[Window - small.Length];
        Assert.True(_connection.TrySend(large, new RespRequest { Handler = _outcomes, Tag = 1, DeadlineTicks = long.MaxValue }).IsTaken);

        // It stays under way, so the link is known to be as slow as the answer to the first one.
        Send(2, long.MaxValue, RequestPriority.Reserved);
        Send(3, long.MaxValue);
        for (int tag = 5; tag < 5 + late; tag++)
        {
            Send(tag, 2 * SlowTicks);
        }

        Send(4, long.MaxValue);
        Assert.True(SpinWait.SpinUntil(() => _pipe.BytesWritten == Window, Eventually.Patience), "what fits the window is sent");
        _clock.Leap(TimeSpan.FromTicks(SlowTicks));
        _connection.BeginBatch();
        Assert.True(_connection.TryAnswer(new RespReply(RespType.SimpleString, 0, "1"u8)));
        _connection.EndBatch();
        Assert.Equal("1", _outcomes.ReplyTo(1));
        _outcomes.AssertToldOnce(1 + late);
        Assert.All(_outcomes.Told.Skip(1), told => Assert.Equal(RequestFailure.TimedOutUnsent, told.Failure));

        // Whoever ends the write before this one may carry it.
        int all = Window + (2 * small.Length);
        Assert.True(SpinWait.SpinUntil(() => _pipe.BytesWritten == all, Eventually.Patience), "what was kept back is sent");
    }

    [Fact]
    public void A_round_trip_is_measured_from_the_taking_of_a_request_and_a_handshake_is_none()
    {
        using MeasurementLog log = new(RespMetrics.MeterName);
        BecomeReady();
        Send(1, long.MaxValue);
        _clock.Leap(TimeSpan.FromMilliseconds(30));
        Assert.True(_connection.TryAnswer(new RespReply(RespType.SimpleString, 0, "1"u8)));
        (double seconds, string tags) = Assert.Single(log.Of("resp.round_trip.duration"));
        Assert.Equal(0.03, seconds, 9);
        Assert.Equal("server.address=alone", tags);
        Assert.Empty(log.Of("resp.scripts.reloaded"));
    }

    [Fact]
    public void A_script_that_the_node_had_forgotten_is_counted()
    {
        using MeasurementLog log = new(RespMetrics.MeterName);
        BecomeReady();
        RespScript script = new("return ARGV[1]");
        Assert.True(_connection.TrySend(
            Sending.Frame("EVALSHA", script.Sha1, "0", "x"),
            new RespRequest { Handler = _outcomes, Tag = 1, DeadlineTicks = long.MaxValue, Script = script }).IsTaken);
        Assert.True(_connection.TryAnswer(new RespReply(RespType.Error, 0, "NOSCRIPT No matching script."u8)));
        Assert.Equal((1.0, "server.address=alone"), Assert.Single(log.Of("resp.scripts.reloaded")));
    }

    // The handshake of a node without credentials is one command.
    private void BecomeReady()
    {
        _connection.Attach(_pipe, Login.None);
        Assert.True(_connection.TryAnswer(new RespReply(RespType.SimpleString, 0, "OK"u8)));
        _connection.EndBatch();
        _pipe.Forget();
    }

    private void Send(long tag, long deadlineTicks, RequestPriority priority = RequestPriority.Ordinary) =>
        Assert.True(_connection.TrySend(
            Sending.Frame("PING"),
            new RespRequest { Handler = _outcomes, Tag = tag, DeadlineTicks = deadlineTicks, Priority = priority }).IsTaken);
}
