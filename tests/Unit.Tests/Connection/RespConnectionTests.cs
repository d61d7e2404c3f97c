using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public sealed class RespConnectionTests
{
    [Fact]
    public void AHandshakeThatIsAnsweredBehindTheEndChangesNothing()
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
    public void OnlyAnObserverThatHearsPushesIsShownWhatComes(bool hearsPushes, int shown)
    {
        TellingObserver observer = new(static _ => { }) { HearsPushes = hearsPushes };
        RespConnection connection = LoneConnection.Of(new RespNodeOptions(), observer);
        connection.Attach(new RecordingPipe());
        Assert.True(connection.TryAnswer(new RespReply(RespType.SimpleString, 0, "OK"u8)));
        Assert.Equal(shown, observer.Pushes);
    }
}
