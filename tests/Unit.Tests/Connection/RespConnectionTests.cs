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
        connection.Attach(new RecordingPipe());
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
        connection.Attach(new RecordingPipe());
        Assert.True(connection.TryAnswer(new RespReply(RespType.SimpleString, 0, "OK"u8)));
        Assert.Equal(shown, observer.Pushes);
    }

    [Fact]
    public void A_pipe_that_comes_behind_the_end_is_closed_and_gets_no_byte()
    {
        RespConnection connection = LoneConnection.Of(new RespNodeOptions());
        connection.Finish(new ConnectionEnd(RequestFailure.NotConnected, "over"));
        using DisposablePipe pipe = new();
        connection.Attach(pipe);
        Assert.True(pipe.IsDisposed);
        Assert.Equal(0, pipe.Recorded.WriteCount);
    }

    [Fact]
    public void A_turn_that_nobody_has_falls_to_the_thread_with_the_next_request()
    {
        RespConnection connection = LoneConnection.Of(new RespNodeOptions());
        connection.Attach(new RecordingPipe());
        Assert.True(connection.TryAnswer(new RespReply(RespType.SimpleString, 0, "OK"u8)));
        connection.EndBatch();
        connection.Turn.GiveBack();
        Assert.True(connection.TrySend(Sending.Frame("PING"), new RespRequest { DeadlineTicks = long.MaxValue }).IsTaken);
        Assert.False(connection.Turn.TryTake());
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
