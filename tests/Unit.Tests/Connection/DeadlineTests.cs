using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// Deadlines and silence, on a clock that moves only when it is told to.
public sealed class DeadlineTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Instant = TimeSpan.FromTicks(2);

    private static readonly int EchoBytes = Sending.Frame("ECHO", "1").Length;

    private readonly CountingTimeProvider _clock = new();
    private readonly OutcomeRecorder _outcomes = new();

    [Fact]
    public async Task A_request_times_out_at_its_deadline_and_not_before()
    {
        RecordingPipe pipe = new();
        using RespNode node = await ConnectAsync(pipe);
        Assert.True(node.Echo(_outcomes, 1, Second).IsTaken);
        _clock.Advance(Second - Instant);
        Assert.Equal(0, _outcomes.Count);
        _clock.Advance(2 * Instant);
        Assert.Equal(RequestFailure.TimedOut, _outcomes.FailureOf(1));
        Assert.Equal(1, node.Pending);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(12_345)]
    public async Task The_timer_never_fires_before_the_deadline(long nanosecondsAhead)
    {
        NanosecondClock clock = new();
        RecordingPipe pipe = new();
        using RespNode node = await pipe.ConnectAsync(new RespNodeOptions { TimeProvider = clock });
        RespRequest request = new() { Handler = _outcomes, Tag = 1, DeadlineTicks = nanosecondsAhead };
        Assert.True(node.TrySend(Sending.Frame("PING"), request).IsTaken);
        Assert.True(clock.Due.TotalNanoseconds >= nanosecondsAhead, $"It was set for {clock.Due.TotalNanoseconds} ns.");
    }

    [Fact]
    public async Task A_clock_that_rings_while_it_is_set_fails_nobody_inside_the_send()
    {
        RecordingPipe pipe = new();
        using RespNode node = await pipe.ConnectAsync(new RespNodeOptions { TimeProvider = new EagerClock() });
        bool isInside = false;
        OutcomeRecorder outcomes = new() { Then = _ => isInside |= EagerClock.IsRingingHere };
        for (int tag = 0; tag < 100; tag++)
        {
            // Reserved: once one has timed out, others are refused as the node is silent.
            RespRequest request = new() { Handler = outcomes, Tag = tag, DeadlineTicks = 0, Priority = RequestPriority.Reserved };
            Assert.True(node.TrySend(Sending.Frame("PING"), request).IsTaken);
        }

        await outcomes.WaitFor(100);
        Assert.False(isInside);
        outcomes.AssertToldOnce(100);
    }

    [Fact]
    public async Task Different_deadlines_in_one_queue_each_hold()
    {
        RecordingPipe pipe = new();
        using RespNode node = await ConnectAsync(pipe);
        int[] seconds = [5, 1, 4, 2, 3, 1];
        for (int tag = 0; tag < seconds.Length; tag++)
        {
            Assert.True(node.Echo(_outcomes, tag, seconds[tag] * Second).IsTaken);
        }

        for (int elapsed = 1; elapsed <= 5; elapsed++)
        {
            _clock.Advance(Second - (Instant * (elapsed == 1 ? 1 : 2)));
            Assert.Equal(seconds.Count(limit => limit < elapsed), _outcomes.Count);
            _clock.Advance(Instant * 2);
            Assert.Equal(seconds.Count(limit => limit <= elapsed), _outcomes.Count);
        }

        _outcomes.AssertToldOnce(seconds.Length);
        Assert.All(_outcomes.Told, outcome => Assert.Equal(RequestFailure.TimedOut, outcome.Failure));
    }

    [Fact]
    public async Task A_request_in_the_past_times_out_and_one_without_a_deadline_waits()
    {
        RecordingPipe pipe = new();
        using RespNode node = await ConnectAsync(pipe);
        _clock.Advance(Second);
        node.TrySend(Sending.Frame("PING"), new RespRequest { Handler = _outcomes, Tag = 1, DeadlineTicks = 0 });
        await _outcomes.WaitFor(1);
        node.TrySend(
            Sending.Frame("PING"),
            new RespRequest { Handler = _outcomes, Tag = 2, DeadlineTicks = long.MaxValue, Priority = RequestPriority.Reserved });
        node.TrySend(
            Sending.Frame("PING"),
            new RespRequest { Handler = _outcomes, Tag = 3, DeadlineTicks = long.MaxValue - 1, Priority = RequestPriority.Reserved });
        await Eventually.Holds(() => pipe.BytesWritten == 3 * Sending.Frame("PING").Length, "all are sent");
        await pipe.AnswerAsync("+1\r\n+2\r\n+3\r\n");
        await _outcomes.WaitFor(3);
        Assert.Equal("2", _outcomes.ReplyTo(2));
        Assert.Equal("3", _outcomes.ReplyTo(3));
    }

    [Theory]
    [InlineData(60 * 24 * 3600L)]
    [InlineData(100 * 365 * 24 * 3600L)]
    [InlineData(long.MaxValue)]
    public async Task A_deadline_farther_away_than_a_timer_reaches_is_taken(long seconds)
    {
        foreach (TimeProvider clock in new[] { _clock, MonotonicTime.Shared, TimeProvider.System })
        {
            RecordingPipe pipe = new();
            using RespNode node = await pipe.ConnectAsync(new RespNodeOptions { TimeProvider = clock });
            OutcomeRecorder outcomes = new();
            long deadline = seconds == long.MaxValue ? seconds - 1 : clock.GetTimestamp() + (seconds * clock.TimestampFrequency);
            Assert.True(node.TrySend(Sending.Frame("PING"), new RespRequest { Handler = outcomes, DeadlineTicks = deadline }).IsTaken);
            _clock.Advance(TimeSpan.FromDays(59));
            Assert.Equal(0, outcomes.Count);
            await pipe.AnswerAsync("+PONG\r\n");
            await outcomes.WaitFor(1);
            Assert.Equal("PONG", outcomes.ReplyTo(0));
        }
    }

    [Fact]
    public async Task A_late_reply_is_thrown_away_and_never_given_to_the_next_caller()
    {
        RecordingPipe pipe = new();
        using RespNode node = await ConnectAsync(pipe);
        node.Echo(_outcomes, 1, Second);
        _clock.Advance(2 * Second);
        Assert.Equal(RequestFailure.TimedOut, _outcomes.FailureOf(1));

        Assert.Equal(RequestFailure.Silent, node.Echo(_outcomes, 2, Second).Failure);
        Assert.Contains("answered nothing", node.Describe(RequestFailure.Silent), StringComparison.Ordinal);
        Assert.True(node.Echo(_outcomes, 3, Second, RequestPriority.Reserved).IsTaken);

        await pipe.AnswerAsync("$1\r\n1\r\n");
        await Eventually.Holds(() => node.Pending == 1, "the late reply is read");
        Assert.True(node.Echo(_outcomes, 4, Second).IsTaken);
        await Sent(pipe, 3);
        await pipe.AnswerAsync("$1\r\n3\r\n$1\r\n4\r\n");
        await _outcomes.WaitFor(3);
        Assert.Equal("3", _outcomes.ReplyTo(3));
        Assert.Equal("4", _outcomes.ReplyTo(4));
        Assert.Equal(0, node.Reconnects);
        Assert.Equal(3, _outcomes.Count);
    }

    [Fact]
    public async Task The_timer_sleeps_when_nothing_is_pending()
    {
        RecordingPipe pipe = new();
        using RespNode node = await ConnectAsync(pipe);
        _clock.Advance(10 * Second);
        int atRest = _clock.Armed;
        for (int tag = 1; tag <= 100; tag++)
        {
            Assert.True(node.Echo(_outcomes, tag, Second).IsTaken);
            await pipe.AnswerAsync("+OK\r\n");
            await _outcomes.WaitFor(tag);
        }

        Assert.Equal(atRest + 1, _clock.Armed);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(atRest + 1, _clock.Armed);
        Assert.Null(node.LastError);
        _outcomes.AssertToldOnce(100);
    }

    [Fact]
    public async Task Silence_ends_the_connection_at_its_limit()
    {
        RecordingPipe pipe = new();
        using RespNode node = await ConnectAsync(pipe);
        node.Echo(_outcomes, 1, Second);
        node.Echo(_outcomes, 2, 100 * Second);
        await Sent(pipe, 2);
        _clock.Advance(Second + Instant);
        await _outcomes.WaitFor(1);
        _clock.Advance(TimeSpan.FromSeconds(5) - Second - (2 * Instant));
        Assert.Null(node.LastError);
        _clock.Advance(2 * Second);
        await _outcomes.WaitFor(2);
        Assert.Equal(RequestFailure.ConnectionLost, _outcomes.FailureOf(2));
        Assert.Contains("answered nothing for 5 s", node.LastError, StringComparison.Ordinal);
        await Eventually.Holds(() => !node.IsConnected, "the node knows");
    }

    // What is sent has no deadline, and fills the window.
    [Fact]
    public async Task Who_waits_in_vain_for_room_learns_that_the_node_is_silent()
    {
        RecordingPipe pipe = new();
        RespNodeOptions options = new() { TimeProvider = _clock, QueueLimits = new RespQueueLimits { WindowBytes = 1024 } };
        using RespNode node = await pipe.ConnectAsync(options);
        RespRequest patient = new() { Handler = _outcomes, Tag = 1, DeadlineTicks = long.MaxValue };
        Assert.True(node.TrySend(Sending.Frame("ECHO", new string('x', 1024)), patient).IsTaken);
        _clock.Advance(Instant);
        Assert.True(node.Echo(_outcomes, 2, Second).IsTaken);
        _clock.Advance(Second + Instant);
        await _outcomes.WaitFor(1);
        Assert.Equal(RequestFailure.TimedOutUnsent, _outcomes.FailureOf(2));
        Assert.Equal(RequestFailure.Silent, node.Echo(_outcomes, 3, Second).Failure);
        _clock.Advance(5 * Second);
        await _outcomes.WaitFor(2);
        Assert.Equal(RequestFailure.ConnectionLost, _outcomes.FailureOf(1));
    }

    [Fact]
    public async Task However_many_time_out_at_once_all_are_told()
    {
        RecordingPipe pipe = new();
        using RespNode node = await ConnectAsync(pipe);
        for (int tag = 1; tag <= 100; tag++)
        {
            Assert.True(node.Echo(_outcomes, tag, Second).IsTaken);
        }

        _clock.Advance(Second + Instant);
        _outcomes.AssertToldOnce(100);
        Assert.All(_outcomes.Told, outcome => Assert.Equal(RequestFailure.TimedOut, outcome.Failure));
    }

    [Fact]
    public void A_dial_is_no_silence()
    {
        TaskCompletionSource<System.IO.Pipelines.IDuplexPipe> dial = new();
        RespNodeOptions options = new() { TimeProvider = _clock, SilenceLimit = Second, ConnectTimeLimit = 100 * Second };
        using RespNode node = new(Dialer.From("slow to dial", token => new(dial.Task.WaitAsync(token))), options);
        Assert.True(node.Echo(_outcomes, 1, Second).IsTaken);
        Assert.True(node.Echo(_outcomes, 2, 50 * Second).IsTaken);
        _clock.Advance(10 * Second);
        Assert.Equal(RequestFailure.TimedOutUnsent, _outcomes.FailureOf(1));
        Assert.Equal(1, _outcomes.Count);
        Assert.Null(node.LastError);
    }

    [Fact]
    public async Task Silence_counts_from_the_last_reply_however_many_time_out()
    {
        RecordingPipe pipe = new();
        using RespNode node = await pipe.ConnectAsync(
            new RespNodeOptions { TimeProvider = _clock, SilenceLimit = TimeSpan.FromSeconds(16) });
        for (int tag = 1; tag <= 8; tag++)
        {
            node.Echo(_outcomes, tag, ((2 * tag) - 1) * Second);
        }

        node.Echo(_outcomes, 9, 100 * Second);
        await Sent(pipe, 9);
        _clock.Advance(Second + Instant);
        for (int told = 1; told < 8; told++)
        {
            await _outcomes.WaitFor(told);
            _clock.Advance(2 * Second);
        }

        await _outcomes.WaitFor(8);
        Assert.Null(node.LastError);
        _clock.Advance(2 * Second);
        await _outcomes.WaitFor(9);
        Assert.Equal(RequestFailure.ConnectionLost, _outcomes.FailureOf(9));
    }

    [Theory]
    [InlineData(800, 800)]
    [InlineData(10, 250)]
    [InlineData(60_000, 5_000)]
    public async Task A_request_may_ask_for_less_silence_within_the_limits(int askedMilliseconds, int endsAfterMilliseconds)
    {
        RecordingPipe pipe = new();
        using RespNode node = await ConnectAsync(pipe);
        TimeSpan limit = TimeSpan.FromMilliseconds(endsAfterMilliseconds);
        node.Echo(_outcomes, 1, 100 * Second);
        node.TrySend(Sending.Frame("PING"), new RespRequest
        {
            Handler = _outcomes,
            Tag = 2,
            DeadlineTicks = _clock.GetTimestamp() + TimeSpan.FromMilliseconds(5).Ticks,
            SilenceTicks = TimeSpan.FromMilliseconds(askedMilliseconds).Ticks,
        });
        await Eventually.Holds(() => pipe.BytesWritten == EchoBytes + Sending.Frame("PING").Length, "both are sent");
        _clock.Advance(TimeSpan.FromMilliseconds(6));
        _clock.Advance(limit - TimeSpan.FromMilliseconds(7));
        Assert.Null(node.LastError);
        _clock.Advance(TimeSpan.FromMilliseconds(2));
        await _outcomes.WaitFor(2);
        Assert.Equal(RequestFailure.ConnectionLost, _outcomes.FailureOf(1));
    }

    [Fact]
    public async Task A_short_silence_is_forgotten_with_the_request_that_asked_for_it()
    {
        RecordingPipe pipe = new();
        using RespNode node = await ConnectAsync(pipe);
        node.TrySend(
            Sending.Frame("PING"),
            new RespRequest { Handler = _outcomes, Tag = 1, DeadlineTicks = long.MaxValue, SilenceTicks = Second.Ticks });
        node.Echo(_outcomes, 2, Second);
        await Eventually.Holds(() => pipe.BytesWritten == EchoBytes + Sending.Frame("PING").Length, "both are sent");
        await pipe.AnswerAsync("+PONG\r\n");

        // The connection is never idle meanwhile.
        await _outcomes.WaitFor(1);
        _clock.Advance(Second + Instant);
        _clock.Advance(3 * Second);
        Assert.Null(node.LastError);
        Assert.Equal(RequestFailure.TimedOut, _outcomes.FailureOf(2));
    }

    [Fact]
    public void A_paused_process_gives_the_node_time_to_be_heard()
    {
        LeapingClock clock = new();
        RespConnection connection = LoneConnection.Of(new RespNodeOptions { TimeProvider = clock });
        RespReply reply = new(RespType.SimpleString, 0, "OK"u8);
        connection.Attach(new RecordingPipe(), Login.None);
        Assert.True(connection.TryAnswer(reply));
        RespRequest request = new() { Handler = _outcomes, Tag = 1, DeadlineTicks = Second.Ticks };
        Assert.True(connection.TrySend(Sending.Frame("PING"), request).IsTaken);
        clock.Leap(TimeSpan.FromMinutes(10));
        Assert.Equal(RequestFailure.TimedOut, _outcomes.FailureOf(1));
        Assert.Null(connection.End);
        connection.BeginBatch();
        Assert.True(connection.TryAnswer(reply));
        connection.EndBatch();
        clock.Leap(TimeSpan.FromMinutes(10));
        Assert.Null(connection.End);
    }

    [Fact]
    public async Task Once_silence_has_ended_what_timed_out_before_brings_none_back()
    {
        RecordingPipe pipe = new();
        using RespNode node = await ConnectAsync(pipe);
        node.Echo(_outcomes, 1, Second);
        node.Echo(_outcomes, 2, Second);
        await Sent(pipe, 2);
        _clock.Advance(2 * Second);
        await _outcomes.WaitFor(2);
        await pipe.AnswerAsync("+late\r\n");
        await Eventually.Holds(() => node.Pending == 1, "the late reply is read");

        // The timer that watched the silence goes off meanwhile.
        _clock.Advance(20 * Second);
        Assert.True(node.Echo(_outcomes, 3, Second).IsTaken);
    }

    [Fact]
    public async Task Any_reply_ends_silence()
    {
        RecordingPipe pipe = new();
        using RespNode node = await ConnectAsync(pipe);
        node.Echo(_outcomes, 1, Second);
        node.Echo(_outcomes, 2, 100 * Second);
        await Sent(pipe, 2);
        _clock.Advance(4 * Second);
        await pipe.AnswerAsync("+late\r\n");
        await Eventually.Holds(() => node.Pending == 1, "the late reply is read");
        _clock.Advance(20 * Second);
        Assert.Null(node.LastError);
        await pipe.AnswerAsync("+two\r\n");
        await _outcomes.WaitFor(2);
        Assert.Equal("two", _outcomes.ReplyTo(2));
    }

    [Fact]
    public void A_refusal_after_silence_says_that_nothing_was_sent()
    {
        // Without a node around it, which would dial again meanwhile.
        RespConnection connection = LoneConnection.Of(new RespNodeOptions { TimeProvider = _clock });
        connection.Attach(new RecordingPipe(), Login.None);
        Assert.True(connection.TryAnswer(new RespReply(RespType.SimpleString, 0, "OK"u8)));
        byte[] frame = Sending.Frame("PING");
        Assert.True(connection.TrySend(frame, new RespRequest { Handler = _outcomes, Tag = 1, DeadlineTicks = Second.Ticks }).IsTaken);
        _clock.Advance(Second + Instant);
        _clock.Advance(20 * Second);
        Assert.NotNull(connection.End);
        RespTicket refused = connection.TrySend(frame, new RespRequest { Handler = _outcomes, Tag = 2, DeadlineTicks = long.MaxValue });
        Assert.Equal(RequestFailure.NotConnected, refused.Failure);
        _outcomes.AssertToldOnce(1);
    }

    [Fact]
    public async Task What_timed_out_during_the_dial_is_not_sent_and_neither_is_what_is_taken_back()
    {
        RecordingPipe pipe = new();
        TaskCompletionSource<System.IO.Pipelines.IDuplexPipe> dial = new();
        using RespNode node = new(Dialer.From("slow to dial", _ => new(dial.Task)), new RespNodeOptions { TimeProvider = _clock });
        RespTicket late = node.Echo(_outcomes, 1, Second);
        RespTicket withdrawn = node.Echo(_outcomes, 2, 100 * Second);
        Assert.True(node.Echo(_outcomes, 3, 100 * Second).IsTaken);
        _clock.Advance(2 * Second);
        Assert.Equal(RequestFailure.TimedOutUnsent, _outcomes.FailureOf(1));
        Assert.Equal(RequestFailure.NotConnected, node.Echo(_outcomes, 4, Second).Failure);

        RespRequest undo = new() { DeadlineTicks = long.MaxValue, Priority = RequestPriority.Reserved, Undoes = withdrawn };
        RespTicket undone = node.TrySend(Sending.Frame("PING", "undo"), undo);
        Assert.Equal(RequestFailure.Withdrawn, undone.Failure);
        Assert.Equal(RequestFailure.Withdrawn, _outcomes.FailureOf(2));
        Assert.True(late.IsTaken);

        dial.SetResult(pipe);
        await Eventually.Holds(() => pipe.WriteCount == 1, "the handshake is sent");
        pipe.Forget();
        await pipe.AnswerAsync("+OK\r\n");
        await Eventually.Holds(() => pipe.BytesWritten == EchoBytes, "the third is sent");
        Assert.Equal(Sending.Frame("ECHO", "3"), Assert.Single(pipe.Writes).Bytes);
    }

    [Fact]
    public async Task What_undoes_a_request_that_was_sent_is_sent_behind_it()
    {
        RecordingPipe pipe = new();
        using RespNode node = await ConnectAsync(pipe);
        RespTicket sent = node.Echo(_outcomes, 1, Second);
        _clock.Advance(2 * Second);
        Assert.Equal(RequestFailure.TimedOut, _outcomes.FailureOf(1));
        RespRequest undo = new() { DeadlineTicks = long.MaxValue, Priority = RequestPriority.Reserved, Undoes = sent };
        Assert.True(node.TrySend(Sending.Frame("PING", "undo"), undo).IsTaken);
        await Eventually.Holds(() => pipe.BytesWritten == EchoBytes + Sending.Frame("PING", "undo").Length, "both are sent");
        Assert.Equal(
            RequestFailure.ConnectionChanged,
            node.TrySend(Sending.Frame("PING"), new RespRequest { DeadlineTicks = long.MaxValue, Undoes = new RespTicket(99, 1) }).Failure);
    }

    // A reply before its request was sent would end the connection.
    private static Task Sent(RecordingPipe pipe, int echoes) =>
        Eventually.Holds(() => pipe.BytesWritten == echoes * EchoBytes, $"{echoes} requests are sent");

    private Task<RespNode> ConnectAsync(RecordingPipe pipe) => pipe.ConnectAsync(new RespNodeOptions { TimeProvider = _clock });
}
