using System.IO.Pipelines;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// Pipes and handlers are other people's code: whatever they throw, everybody is told once and the node goes on.
public sealed class ForeignCodeTests
{
    private readonly LeapingClock _clock = new();
    private readonly OutcomeRecorder _outcomes = new();

    [Theory]
    [InlineData(typeof(PipeWithBadDisposal))]
    [InlineData(typeof(PipeWithBadAsyncDisposal))]
    public void Those_who_wait_are_told_though_the_pipe_cannot_be_disposed(Type kind)
    {
        RecordedPipe pipe = (RecordedPipe)Activator.CreateInstance(kind)!;
        RespConnection connection = Connect(pipe);
        Send(connection, _outcomes, 1);
        Send(connection, _outcomes, 2);
        AwaitSent(pipe.Recorded, 2);
        connection.FinishLost(new IOException("gone"));
        Assert.Equal(RequestFailure.ConnectionLost, _outcomes.FailureOf(1));
        Assert.Equal(RequestFailure.ConnectionLost, _outcomes.FailureOf(2));
        _outcomes.AssertToldOnce(2);
    }

    [Fact]
    public void Those_behind_a_handler_that_throws_are_told_of_the_end()
    {
        RespConnection connection = Connect(new RecordingPipe());
        for (int tag = 1; tag <= 5; tag++)
        {
            Send(connection, new ThrowingHandler(), tag);
            Send(connection, _outcomes, tag);
        }

        connection.FinishLost(new IOException("gone"));
        _outcomes.AssertToldOnce(5);
        Assert.NotNull(connection.End);
    }

    [Fact]
    public void Those_behind_a_handler_that_throws_are_told_that_they_are_late()
    {
        RespConnection connection = Connect(new RecordingPipe());
        for (int tag = 1; tag <= 50; tag++)
        {
            Send(connection, new ThrowingHandler(), tag, limit: 10);
            Send(connection, _outcomes, tag, limit: 10);
        }

        _clock.Leap(TimeSpan.FromTicks(20));
        _outcomes.AssertToldOnce(50);
        Assert.Null(connection.End);
        Assert.All(_outcomes.Told, told => Assert.Equal(RequestFailure.TimedOut, told.Failure));
    }

    [Fact]
    public void Those_behind_a_handler_that_throws_get_their_replies()
    {
        RecordingPipe pipe = new();
        RespConnection connection = Connect(pipe);
        RespReply reply = new(RespType.SimpleString, 0, "fine"u8);
        Send(connection, new ThrowingHandler(), 1);
        Send(connection, _outcomes, 2);
        AwaitSent(pipe, 2);
        Assert.True(connection.TryAnswer(reply));
        Assert.True(connection.TryAnswer(reply));
        Assert.Equal("fine", _outcomes.ReplyTo(2));
        Assert.Null(connection.End);
    }

    private static void Send(RespConnection connection, ReplyHandler handler, long tag, long limit = long.MaxValue) =>
        Assert.True(
            connection.TrySend(Sending.Frame("PING"), new RespRequest { Handler = handler, Tag = tag, DeadlineTicks = limit }).IsTaken);

    // Behind the handshake.
    private static void AwaitSent(RecordingPipe pipe, int requests) => Assert.True(SpinWait.SpinUntil(
        () => pipe.Writes.Skip(1).Sum(write => write.Bytes.Length) == requests * Sending.Frame("PING").Length, Eventually.Patience));

    private RespConnection Connect(IDuplexPipe pipe)
    {
        RespConnection connection = LoneConnection.Of(new RespNodeOptions { TimeProvider = _clock });
        connection.Attach(pipe, Login.None);

        // The handshake of a node without credentials is one command. What was sent must be out before it can be answered.
        Assert.True(connection.TryAnswer(new RespReply(RespType.SimpleString, 0, "OK"u8)));
        connection.EndBatch();
        return connection;
    }

    private sealed class ThrowingHandler : ReplyHandler
    {
        public override void OnReply(long tag, in RespReply reply) => throw new InvalidTimeZoneException();

        public override void OnFailure(long tag, RequestFailure failure) => throw new InvalidTimeZoneException();
    }

    private abstract class RecordedPipe : IDuplexPipe
    {
        public RecordingPipe Recorded { get; } = new();

        public PipeReader Input => Recorded.Input;

        public PipeWriter Output => Recorded.Output;
    }

    private sealed class PipeWithBadDisposal : RecordedPipe, IDisposable
    {
        public void Dispose() => throw new InvalidTimeZoneException();
    }

    private sealed class PipeWithBadAsyncDisposal : RecordedPipe, IAsyncDisposable
    {
        public ValueTask DisposeAsync() => throw new InvalidTimeZoneException();
    }
}
