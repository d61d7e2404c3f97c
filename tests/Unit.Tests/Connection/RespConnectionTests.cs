using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// One connection without a node around it, which would dial again meanwhile.
public sealed class RespConnectionTests
{
    [Fact]
    public void AHandshakeThatIsAnsweredBehindTheEndChangesNothing()
    {
        int ready = 0;
        RespConnection connection = new(1, "alone", new RespNodeOptions(), [], RequestFailure.None) { BecameReady = () => ready++ };
        connection.Attach(new RecordingPipe());
        connection.Finish(new ConnectionEnd(RequestFailure.NotConnected, "over"));
        connection.BecomeReady();
        Assert.Equal(0, ready);
        Assert.Equal(
            RequestFailure.NotConnected,
            connection.TrySend(Sending.Frame("PING"), new RespRequest { DeadlineTicks = long.MaxValue }).Failure);
        connection.Finish(new ConnectionEnd(RequestFailure.Disposed, "again"));
        Assert.Equal("over", connection.End?.Text);
    }
}
