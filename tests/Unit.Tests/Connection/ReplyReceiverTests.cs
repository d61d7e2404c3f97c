using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// A caller that blocks reads for everybody; whatever ends that, its thread is its own again and the turn is free.
public sealed class ReplyReceiverTests
{
    private const string NothingAnswered = " It had answered nothing: a TLS port does so to whoever speaks plain (use rediss:// there), "
        + "and so does a proxy without a server behind it.";

    private readonly LeapingClock _clock = new();
    private readonly PolledPipe _pipe = new();
    private readonly TellingObserver _observer = new(static _ => { });
    private readonly RespConnection _connection;
    private readonly ReplyReceiver _receiver;
    private readonly ReadTurns _turns;

    public ReplyReceiverTests()
    {
        RespNodeOptions options = new() { TimeProvider = _clock };
        _connection = LoneConnection.Of(options, _observer);
        _receiver = new ReplyReceiver(_connection, new NodeContext("alone", options, ServerText.OfNoSecret), _pipe);
        _connection.Attach(_pipe, Login.None);
        GrantedTurn turn = new(_receiver);
        _turns = new ReadTurns([new TurnChannel(() => turn) { Clock = _clock }]);
    }

    [Fact]
    public void A_caller_reads_until_its_own_reply_has_come_and_leaves_the_rest_to_the_thread()
    {
        Awaiter awaiter = new();
        List<RespThreadRole> roles = [];
        OutcomeRecorder outcomes = new()
        {
            Then = tag =>
            {
                roles.Add(RespThread.Role);
                awaiter.AwaitsReplies = tag != 2;
            },
        };
        BecomeReady();
        for (int tag = 1; tag <= 3; tag++)
        {
            Send(outcomes, tag);
            _pipe.Answer($"+{tag}\r\n");
        }

        ReadFor(awaiter, long.MaxValue);
        Assert.Equal("1", outcomes.ReplyTo(1));
        Assert.Equal("2", outcomes.ReplyTo(2));
        Assert.Equal(2, outcomes.Count);
        Assert.Equal([RespThreadRole.Caller, RespThreadRole.Caller], roles);
        Assert.Equal(RespThreadRole.None, RespThread.Role);
    }

    [Fact]
    public void A_caller_polls_for_a_tenth_of_a_second_and_never_beyond_its_deadline()
    {
        List<double> polls = [];
        _pipe.OnPoll = time =>
        {
            polls.Add(time.TotalMilliseconds);
            _clock.Leap(time);
        };
        BecomeReady();
        ReadFor(new Awaiter(), _clock.GetTimestamp() + TimeSpan.FromMilliseconds(250).Ticks);
        Assert.Equal([100, 100, 50], polls);
        Assert.Null(_connection.End);
        Assert.True(_connection.Turn.TryTake());
    }

    [Fact]
    public void An_interrupt_reaches_the_caller_between_two_polls_and_harms_nobody_else()
    {
        _pipe.OnPoll = static _ => Thread.CurrentThread.Interrupt();
        BecomeReady();
        Assert.Throws<ThreadInterruptedException>(() => ReadFor(new Awaiter(), long.MaxValue));
        Assert.Null(_connection.End);
        Assert.Equal(RespThreadRole.None, RespThread.Role);
        Assert.True(_connection.Turn.TryTake());
    }

    [Fact]
    public void A_transport_that_fails_under_a_caller_ends_the_connection_and_not_the_caller()
    {
        BecomeReady();
        OutcomeRecorder outcomes = new();
        Send(outcomes, 1);
        _pipe.OnPoll = static _ => throw new InvalidTimeZoneException("broken");
        ReadFor(new Awaiter(), long.MaxValue);
        Assert.Equal("alone: the connection was lost: broken", _connection.End?.Text);
        Assert.Equal(RequestFailure.ConnectionLost, outcomes.FailureOf(1));
        Assert.Equal(RespThreadRole.None, RespThread.Role);
        Assert.False(_connection.Turn.TryTake());
    }

    [Fact]
    public void A_transport_that_fails_under_the_thread_ends_the_connection()
    {
        _pipe.Break();
        _receiver.Run(_pipe.Reader);
        Assert.StartsWith("alone: the connection was lost: ", _connection.End?.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_caller_leaves_a_connection_that_ends_under_it()
    {
        BecomeReady();
        _pipe.OnPoll = _ => _connection.Finish(RequestFailure.Disposed, "over");
        ReadFor(new Awaiter(), long.MaxValue);
        Assert.Equal("alone: over", _connection.End?.Text);
    }

    [Theory]
    [InlineData("", "Reset by the peer", "Reset by the peer." + NothingAnswered)]
    [InlineData("", "Reset by the peer.", "Reset by the peer." + NothingAnswered)]
    [InlineData("+OK\r\n", "Reset by the peer", "Reset by the peer")]
    public void A_loss_before_the_first_byte_is_told_from_a_later_one(string answer, string message, string expected)
    {
        bool isAnswered = answer.Length == 0;
        _pipe.OnPoll = _ =>
        {
            if (isAnswered)
            {
                throw new IOException(message);
            }

            isAnswered = true;
            _pipe.Answer(answer);
        };
        ReadFor(new Awaiter(), long.MaxValue);
        Assert.Equal($"alone: the connection was lost: {expected}", _connection.End?.Text);
    }

    [Theory]
    [InlineData("closed the connection." + NothingAnswered)]
    [InlineData("closed the connection.", "+OK\r\n")]
    [InlineData("closed the connection.", "+O", "K\r\n")]
    [InlineData("closed the connection in the middle of a reply.", "+OK\r\n+O")]
    [InlineData("sent a reply that no request waits for (SimpleString); the connection was closed.", "+OK\r\n+more\r\n")]
    [InlineData("does not speak RESP2: A number is malformed: \":x\\r\\n\" Check that the address is a Redis server's.", ":x\r\n")]
    public void The_end_says_what_the_node_did(string expected, params string[] reads)
    {
        Array.ForEach(reads, _pipe.Answer);
        _pipe.Answer(string.Empty);
        _receiver.Run(_pipe.Reader);
        Assert.Equal($"alone: the node {expected}", _connection.End?.Text);
        bool isClosedByNode = expected.StartsWith("closed", StringComparison.Ordinal);
        Assert.Equal(isClosedByNode ? ConnectionEndCause.ClosedByNode : ConnectionEndCause.Other, _connection.End?.Cause);
    }

    [Fact]
    public void An_alert_of_a_port_that_speaks_TLS_is_known()
    {
        _pipe.Answer("\x15\x03\x01\0\x02\x02\x0a");
        _receiver.Run(_pipe.Reader);
        Assert.EndsWith("\" This port speaks TLS: use rediss:// or a TlsDialer.", _connection.End?.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_read_behind_the_end_is_shown_to_nobody()
    {
        TellingObserver observer = new(static _ => { }) { HearsPushes = true };
        RespNodeOptions options = new() { TimeProvider = _clock };
        RespConnection connection = LoneConnection.Of(options, observer);
        connection.Attach(_pipe, Login.None);
        Assert.True(connection.TryAnswer(new RespReply(RespType.SimpleString, 0, "OK"u8)));
        connection.EndBatch();
        OutcomeRecorder outcomes = new() { Then = _ => connection.Finish(RequestFailure.Disposed, "over") };
        Assert.True(connection.TrySend(
            Sending.Frame("PING"), new RespRequest { Handler = outcomes, Tag = 1, DeadlineTicks = long.MaxValue }).IsTaken);
        _pipe.Answer("+1\r\n+message\r\n");
        new ReplyReceiver(connection, new NodeContext("alone", options, ServerText.OfNoSecret), _pipe).Run(_pipe.Reader);
        Assert.Equal("alone: over", connection.End?.Text);
        Assert.Equal(2, observer.Pushes);
    }

    [Fact]
    public void The_thread_offers_its_turn_to_whoever_asked_for_it_and_has_it_back_when_something_is_left()
    {
        Thread thread = new(() => _receiver.Run(_pipe.Reader)) { IsBackground = true };
        thread.Start();
        _pipe.Answer("+OK\r\n");
        Assert.True(SpinWait.SpinUntil(() => _observer.Ready == 1, Eventually.Patience), "the node is ready");
        OutcomeRecorder outcomes = new();
        int tag = 0;
        RespReadTurn turn = _connection.ReadTurn!;
        while (!turn.TryTake())
        {
            // Asked in vain: the thread steps aside behind this reply, and has it back if nobody comes for a while.
            Assert.True(tag < 1000, "the thread never steps aside");
            Send(outcomes, ++tag);
            _pipe.Answer($"+{tag}\r\n");
            Assert.True(SpinWait.SpinUntil(() => outcomes.Count == tag, Eventually.Patience), "the thread reads");
        }

        Assert.Same(_receiver, turn);
        Assert.NotEqual(0, tag);

        // The one who has the turn gives it back with a reply outstanding, which nobody but the thread can read.
        Send(outcomes, ++tag);
        turn.Begin();
        turn.GiveBack(Unread.Awaited);
        _pipe.Answer("+last\r\n");
        Assert.True(SpinWait.SpinUntil(() => outcomes.Count == tag, Eventually.Patience), "the thread reads again");
        Assert.Equal("last", outcomes.ReplyTo(tag));
        _connection.Finish(RequestFailure.Disposed, "over");
        _pipe.Answer(string.Empty);
        Assert.True(thread.Join(Eventually.Patience));
        Assert.Equal("alone: over", _connection.End?.Text);
    }

    private void ReadFor(IReplyAwaiter awaiter, long deadlineTicks)
    {
        Assert.True(_turns.TryTake());
        _turns.ReadFor(awaiter, deadlineTicks);
    }

    // The handshake of a node without credentials is one command.
    private void BecomeReady()
    {
        Assert.True(_connection.TryAnswer(new RespReply(RespType.SimpleString, 0, "OK"u8)));
        _connection.EndBatch();
    }

    private void Send(OutcomeRecorder outcomes, long tag) => Assert.True(_connection
        .TrySend(Sending.Frame("PING"), new RespRequest { Handler = outcomes, Tag = tag, DeadlineTicks = long.MaxValue }).IsTaken);
}
