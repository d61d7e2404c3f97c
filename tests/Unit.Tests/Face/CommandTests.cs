using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public sealed class CommandTests
{
    [Fact]
    public async Task A_cancelled_command_ends_its_wait_alone()
    {
        RecordingPipe pipe = new();
        using RespNode node = await pipe.ConnectAsync(new RespNodeOptions());
        long before = pipe.BytesWritten;
        using CancellationTokenSource cancellation = new();
        Task<RespValue> cancelled = node.SendAsync(["ECHO", "one"], cancellation.Token);
        Task<RespValue> other = node.SendAsync(["ECHO", "two"], TestContext.Current.CancellationToken);
        await cancellation.CancelAsync();
        OperationCanceledException thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.SoonAsync());
        Assert.Equal(cancellation.Token, thrown.CancellationToken);
        Assert.True(cancelled.IsCanceled);
        await Eventually.Holds(() => pipe.BytesWritten == before + (2 * Sending.Frame("ECHO", "one").Length), "both are sent");
        await pipe.AnswerAsync("+one\r\n+two\r\n");
        Assert.Equal("two", (await other.SoonAsync()).AsString());
    }

    [Fact]
    public async Task A_command_that_is_cancelled_before_is_not_sent()
    {
        RecordingPipe pipe = new();
        using RespNode node = await pipe.ConnectAsync(new RespNodeOptions());
        long before = pipe.BytesWritten;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => node.SendAsync(["PING"], new CancellationToken(canceled: true)));
        Assert.Equal(before, pipe.BytesWritten);
        Assert.Equal(0, node.Pending);
    }
}
