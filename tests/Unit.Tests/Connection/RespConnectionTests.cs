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
}
