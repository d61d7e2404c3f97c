using System.IO.Pipelines;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public sealed class RespConnectionTests
{
    [Fact]
    public void A_handshake_that_is_answered_behind_the_end_changes_nothing()
    {
        TellingObserver observer = new(static _ => { });
        RespConnection connection = LoneConnection.Of(new RespNodeOptions(), observer);
        connection.Attach(new RecordingPipe(), Login.None);
        connection.Finish(new ConnectionEnd(RequestFailure.NotConnected, "over"));
        connection.BecomeReady();
        Assert.Equal(0, observer.Ready);
        Assert.Equal(
            RequestFailure.NotConnected,
            connection.TrySend(Sending.Frame("PING"), new RespRequest { DeadlineTicks = long.MaxValue }).Failure);
        connection.Finish(new ConnectionEnd(RequestFailure.Disposed, "again"));
        Assert.Equal("over", connection.End?.Text);
        Assert.Equal(["over"], observer.Endings);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public void Only_an_observer_that_hears_pushes_is_shown_what_comes(bool hearsPushes, int shown)
    {
        TellingObserver observer = new(static _ => { }) { HearsPushes = hearsPushes };
        RespConnection connection = LoneConnection.Of(new RespNodeOptions(), observer);
        connection.Attach(new RecordingPipe(), Login.None);
        Assert.True(connection.TryAnswer(new RespReply(RespType.SimpleString, 0, "OK"u8)));
        Assert.Equal(shown, observer.Pushes);
    }

    [Fact]
    public void A_push_that_is_taken_answers_nobody()
    {
        TellingObserver observer = new(static _ => { }) { HearsPushes = true, TakesPushes = true };
        RespConnection connection = LoneConnection.Of(new RespNodeOptions(), observer);
        connection.Attach(new RecordingPipe(), Login.None);
        int pending = connection.Pending;
        Assert.True(connection.TryAnswer(new RespReply(RespType.SimpleString, 0, "OK"u8)));
        Assert.Equal(1, observer.Pushes);
        Assert.Equal(pending, connection.Pending);
    }

    [Fact]
    public void A_pipe_that_comes_behind_the_end_is_closed_and_gets_no_byte()
    {
        RespConnection connection = LoneConnection.Of(new RespNodeOptions());
        connection.Finish(new ConnectionEnd(RequestFailure.NotConnected, "over"));
        using DisposablePipe pipe = new();
        connection.Attach(pipe, Login.None);
        Assert.True(pipe.IsDisposed);
        Assert.Equal(0, pipe.Recorded.WriteCount);
        RespTicket refused = connection.TrySend(Sending.Frame("PING"), new RespRequest { DeadlineTicks = long.MaxValue });
        Assert.Equal(RequestFailure.NotConnected, refused.Failure);
    }

    [Fact]
    public void Until_it_is_ready_it_refuses_as_its_maker_says()
    {
        NodeContext node = new("alone", new RespNodeOptions(), ServerText.OfNoSecret);
        RespConnection connection = new(2, node, new TellingObserver(static _ => { }), [], RequestFailure.Misconfigured);
        RespRequest request = new() { DeadlineTicks = long.MaxValue };
        Assert.Equal(RequestFailure.Misconfigured, connection.TrySend(Sending.Frame("PING"), request).Failure);
        connection.Attach(new RecordingPipe(), Login.None);
        Assert.Equal(RequestFailure.Misconfigured, connection.TrySend(Sending.Frame("PING"), request).Failure);
        Assert.True(connection.TryAnswer(new RespReply(RespType.SimpleString, 0, "OK"u8)));
        connection.EndBatch();
        Assert.True(connection.TrySend(Sending.Frame("PING"), request).IsTaken);
    }

    [Fact]
    public void What_the_handshake_left_out_is_taken_in_a_redial_that_refuses_all_else()
    {
        NodeContext node = new("alone", new RespNodeOptions(), ServerText.OfNoSecret);
        RespConnection connection = new(2, node, new TellingObserver(static _ => { }), [], RequestFailure.NotConnected);
        RecordingPipe pipe = new();
        RespScript script = new("return 2");
        new ScriptPreparation(connection, node.Text).Send(script);
        connection.Attach(pipe, Login.None);
        new ServerQuestion(connection, node.Time).Send();
        Assert.Equal(1, pipe.WriteCount);
        Assert.True(connection.TryAnswer(new RespReply(RespType.SimpleString, 0, "OK"u8)));
        connection.EndBatch();
        string sent = string.Concat(pipe.Writes[1..].Select(static write => System.Text.Encoding.ASCII.GetString(write.Bytes)));
        Assert.StartsWith("*3\r\n$6\r\nSCRIPT\r\n$4\r\nLOAD\r\n", sent, StringComparison.Ordinal);
        Assert.EndsWith("*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n", sent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public void A_script_that_a_server_does_not_run_by_its_digest_is_sent_as_text_while_somebody_wants_it(bool isWanted, int writes)
    {
        RecordingPipe pipe = new();
        RespConnection connection = Ready(new RespNodeOptions(), pipe: pipe);
        pipe.Forget();
        RespScript script = new("return 2");
        WantingHandler handler = new(isWanted);
        RespRequest request = new() { Handler = handler, DeadlineTicks = long.MaxValue, Script = script };
        Assert.True(connection.TrySend(Sending.Frame("EVALSHA", script.Sha1, "0"), request).IsTaken);
        Assert.True(connection.TryAnswer(new RespReply(RespType.Error, 0, "ERR unknown command 'EVALSHA'"u8)));
        connection.EndBatch();
        Assert.Equal(writes, pipe.WriteCount);
        Assert.Equal(isWanted ? 0 : 1, handler.Replies);
    }

    [Fact]
    public void A_server_without_EVALSHA_is_sent_the_text_of_a_script()
    {
        RecordingPipe pipe = new();
        RespConnection connection = Ready(new RespNodeOptions(), pipe: pipe);
        pipe.Forget();
        connection.RunScripts(ScriptRoute.Text);
        RespScript script = new("return 2");
        RespRequest request = new() { DeadlineTicks = long.MaxValue, Script = script };
        Assert.True(connection.TrySend(Sending.Frame("EVALSHA", script.Sha1, "0"), request).IsTaken);
        Assert.Equal(Sending.Frame("EVAL", script.Text, "0"), Assert.Single(pipe.Writes).Bytes);
    }

    [Theory]
    [InlineData(RequestFailure.NotConnected, RequestFailure.ConnectionLost)]
    [InlineData(RequestFailure.Disposed, RequestFailure.Disposed)]
    public void Only_what_was_handed_over_may_have_been_executed_when_it_ends(RequestFailure end, RequestFailure ofWhatWasSent)
    {
        RespConnection connection = Ready(new RespNodeOptions { QueueLimits = new RespQueueLimits { WindowBytes = 1024 } });
        OutcomeRecorder outcomes = new();
        byte[] large = Sending.Frame("ECHO", new string('x', 1024));
        Assert.True(connection.TrySend(large, new RespRequest { Handler = outcomes, Tag = 1, DeadlineTicks = long.MaxValue }).IsTaken);
        Assert.True(connection.TrySend(large, new RespRequest { Handler = outcomes, Tag = 2, DeadlineTicks = long.MaxValue }).IsTaken);
        connection.Finish(new ConnectionEnd(end, "over"));
        Assert.Equal(ofWhatWasSent, outcomes.FailureOf(1));
        Assert.Equal(end, outcomes.FailureOf(2));
    }

    [Fact]
    public void A_server_that_says_twice_that_it_is_not_the_one_to_ask_is_left_once()
    {
        TellingObserver observer = new(static _ => { }) { LetsGo = true };
        RespConnection connection = Ready(new RespNodeOptions(), observer);
        RespRequest request = new() { DeadlineTicks = long.MaxValue, Priority = RequestPriority.Reserved };
        Assert.True(connection.TrySend(Sending.Frame("PING"), request).IsTaken);
        Assert.True(connection.TrySend(Sending.Frame("PING"), request).IsTaken);
        Assert.True(connection.TryAnswer(new RespReply(RespType.Error, 0, "READONLY the first"u8)));
        Assert.True(SpinWait.SpinUntil(
            () => connection.TryAnswer(new RespReply(RespType.Error, 0, "MOVED the second"u8)), Eventually.Patience));
        Assert.Equal(
            "alone: the node answered with READONLY the first: it is not the server to ask, or no longer; the address is dialed again.",
            Assert.Single(observer.Endings));
    }

    [Fact]
    public void Its_timer_ends_with_it()
    {
        TimerWatch clock = new();
        RespConnection connection = LoneConnection.Of(new RespNodeOptions { TimeProvider = clock });
        Assert.False(clock.IsDisposed);
        connection.Finish(new ConnectionEnd(RequestFailure.Disposed, "over"));
        Assert.True(clock.IsDisposed);
    }

    [Fact]
    public void A_turn_that_nobody_has_falls_to_the_thread_with_the_next_request()
    {
        RespConnection connection = Ready(new RespNodeOptions());
        connection.Turn.GiveBack(Unread.Late);
        Assert.True(connection.TrySend(Sending.Frame("PING"), new RespRequest { DeadlineTicks = long.MaxValue }).IsTaken);
        Assert.False(connection.Turn.TryTake());
    }

    // The handshake of a node without credentials is one command.
    private static RespConnection Ready(RespNodeOptions options, TellingObserver? observer = null, RecordingPipe? pipe = null)
    {
        RespConnection connection = LoneConnection.Of(options, observer);
        connection.Attach(pipe ?? new RecordingPipe(), Login.None);
        Assert.True(connection.TryAnswer(new RespReply(RespType.SimpleString, 0, "OK"u8)));
        connection.EndBatch();
        return connection;
    }

    private sealed class WantingHandler(bool wants) : ReplyHandler
    {
        public int Replies { get; private set; }

        public override bool Wants(long tag) => wants;

        public override void OnReply(long tag, in RespReply reply) => Replies++;

        public override void OnFailure(long tag, RequestFailure failure)
        {
        }
    }

    private sealed class TimerWatch : TimeProvider, ITimer
    {
        public bool IsDisposed { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => this;

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => IsDisposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class DisposablePipe : IDuplexPipe, IDisposable
    {
        public RecordingPipe Recorded { get; } = new();

        public bool IsDisposed { get; private set; }

        public PipeReader Input => Recorded.Input;

        public PipeWriter Output => Recorded.Output;

        public void Dispose() => IsDisposed = true;
    }
}
