using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// Deadlines and silence to the tick, on a connection without a node around it.
public sealed class LoneDeadlineTests
{
    private const long Limit = TimeSpan.TicksPerMillisecond * 100;

    private readonly LeapingClock _clock = new();
    private readonly OutcomeRecorder _outcomes = new();
    private readonly RespConnection _connection;

    public LoneDeadlineTests() => _connection = LoneConnection.Of(
        new RespNodeOptions
        {
            TimeProvider = _clock,
            SilenceLimit = TimeSpan.FromTicks(Limit),
            QueueLimits = new RespQueueLimits { WindowBytes = 1024 },
        },
        new TellingObserver(static _ => { }) { LetsGo = true });

    [Fact]
    public void A_request_times_out_at_its_deadline_to_the_tick()
    {
        BecomeReady();
        Send(1, 10);
        LeapTo(9);
        Assert.Equal(0, _outcomes.Count);
        LeapTo(10);
        Assert.Equal(RequestFailure.TimedOut, _outcomes.FailureOf(1));
    }

    [Fact]
    public void Silence_ends_the_connection_at_a_limit_shorter_than_any_pause_of_a_machine()
    {
        BecomeReady();
        long taken = _clock.GetTimestamp();
        Send(1, 10);
        LeapTo(10);
        LeapTo(taken + Limit - 1);
        Assert.Null(_connection.End);
        LeapTo(taken + Limit);
        Assert.Equal(
            "alone: the node has answered nothing for 0.1 s while requests were waiting; the connection was closed.",
            _connection.End?.Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_connection_that_is_left_ends_with_the_last_who_waits_whatever_has_timed_out_before(bool timesOutFirst)
    {
        BecomeReady();
        Send(1, 50);
        Send(2, 10);
        if (timesOutFirst)
        {
            LeapTo(10);
        }

        _connection.BeginBatch();
        Assert.True(_connection.TryAnswer(new RespReply(RespType.Error, 0, "READONLY You can't write against a read only replica."u8)));
        _connection.EndBatch();
        Assert.Equal(timesOutFirst, _connection.End is not null);
        LeapTo(10);
        Assert.Equal(RequestFailure.TimedOut, _outcomes.FailureOf(2));
        Assert.Equal(ConnectionEndCause.Misdirection, _connection.End?.Cause);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(64)]
    public void However_many_time_out_during_a_dial_ordinary_requests_are_refused_from_then_on(int requests)
    {
        for (int tag = 1; tag <= requests; tag++)
        {
            Send(tag, 10);
        }

        LeapTo(10);
        _outcomes.AssertToldOnce(requests);
        Assert.All(_outcomes.Told, outcome => Assert.Equal(RequestFailure.TimedOutUnsent, outcome.Failure));
        Assert.Equal(RequestFailure.NotConnected, TrySend(0, long.MaxValue).Failure);
        Assert.True(TrySend(0, long.MaxValue, RequestPriority.Reserved).IsTaken);
    }

    [Fact]
    public void A_dial_during_which_nothing_has_timed_out_refuses_nobody()
    {
        Send(1, 10);
        _connection.ExpireDue();
        Send(2, 10);
    }

    // Replies make the room that it waited for, and none came.
    [Fact]
    public void What_times_out_unsent_tells_of_silence_where_nothing_was_heard_meanwhile()
    {
        BecomeReady();
        byte[] large = Sending.Frame("ECHO", new string('x', 1024));
        Assert.True(_connection.TrySend(large, new RespRequest { Handler = _outcomes, Tag = 1, DeadlineTicks = long.MaxValue }).IsTaken);
        Send(2, 10);
        LeapTo(10);
        Assert.Equal(RequestFailure.TimedOutUnsent, _outcomes.FailureOf(2));
        Assert.Equal(RequestFailure.Silent, TrySend(3, 20).Failure);
    }

    // The handshake of a node without credentials is one command.
    private void BecomeReady()
    {
        _connection.Attach(new RecordingPipe(), Login.None);
        Assert.True(_connection.TryAnswer(new RespReply(RespType.SimpleString, 0, "OK"u8)));
        _connection.EndBatch();
    }

    private void LeapTo(long ticks) => _clock.Leap(TimeSpan.FromTicks(ticks - _clock.GetTimestamp()));

    private void Send(long tag, long deadlineTicks) => Assert.True(TrySend(tag, deadlineTicks).IsTaken);

    private RespTicket TrySend(long tag, long deadlineTicks, RequestPriority priority = RequestPriority.Ordinary) => _connection.TrySend(
        Sending.Frame("PING"),
        new RespRequest { Handler = _outcomes, Tag = tag, DeadlineTicks = deadlineTicks, Priority = priority });
}
