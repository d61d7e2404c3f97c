using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// A server may answer a request that it has not read yet: what it is sent stays whole all the same.
public sealed class EarlyReplyTests
{
    // Two of them do not fit the buffer that a connection begins with, so the second would go where the first lies.
    private const int Payload = 6_000;

    [Fact]
    public async Task An_answer_during_the_write_leaves_the_bytes_of_the_write_alone()
    {
        RecordingPipe pipe = new();
        using RespNode node = await pipe.ConnectAsync();
        OutcomeRecorder outcomes = new();
        byte[] first = Sending.Frame("ECHO", new string('1', Payload));
        byte[] second = Sending.Frame("ECHO", new string('2', Payload));
        pipe.Hold();
        Assert.True(node.TrySend(first, Sending.Request(node, outcomes, 1)).IsTaken);
        ReadOnlyMemory<byte> underWay = pipe.Newest;
        await pipe.AnswerAsync("+early\r\n");
        await pipe.AtRestAfter(2);
        Assert.Equal("early", outcomes.ReplyTo(1));
        Assert.True(node.TrySend(second, Sending.Request(node, outcomes, 2)).IsTaken);
        Assert.Equal(1, pipe.WriteCount);
        Assert.Equal(first, underWay.ToArray());

        pipe.LetGo();
        await Eventually.Holds(() => pipe.BytesWritten == first.Length + second.Length, "everything is out");
        Assert.Equal([.. first, .. second], pipe.Writes.SelectMany(write => write.Bytes));
        await pipe.AnswerAsync("+late\r\n");
        await outcomes.WaitFor(2);
        Assert.Equal("late", outcomes.ReplyTo(2));
        Assert.Equal(0, node.Pending);
    }

    [Fact]
    public async Task A_second_early_answer_is_for_a_request_that_nobody_sent_and_ends_the_connection()
    {
        RecordingPipe pipe = new();
        using RespNode node = await pipe.ConnectAsync();
        TaskCompletionSource<string?> firstEnd = new();
        node.StateChanged += (_, _) => firstEnd.TrySetResult(node.LastError);
        OutcomeRecorder outcomes = new();
        pipe.Hold();
        Assert.True(node.TrySend(Sending.Frame("ECHO", new string('1', Payload)), Sending.Request(node, outcomes, 1)).IsTaken);
        Assert.True(node.TrySend(Sending.Frame("ECHO", new string('2', Payload)), Sending.Request(node, outcomes, 2)).IsTaken);
        await pipe.AnswerAsync("+early\r\n+forged\r\n");
        await outcomes.WaitFor(2);
        Assert.Equal("early", outcomes.ReplyTo(1));
        Assert.NotEqual(RequestFailure.None, outcomes.FailureOf(2));
        Assert.Contains("no request waits for", await firstEnd.Task.SoonAsync(), StringComparison.Ordinal);
        pipe.LetGo();
        outcomes.AssertToldOnce(2);
    }

    [Fact]
    public async Task Frames_to_a_server_that_answers_before_it_reads_arrive_whole()
    {
        // More than the buffers of a socket take, so the writes of both are under way when their answers come.
        const int Large = 16 * 1024 * 1024;
        TaskCompletionSource isQueued = new();
        TaskCompletionSource<string[][]> received = new();
        await using ScriptedServer server = new(ScriptedTransport.Tcp, async peer =>
        {
            await peer.ShakeHandsAsync();
            await peer.AwaitBytesAsync();
            await peer.WriteAsync("+early\r\n");
            await isQueued.Task;
            received.SetResult([(await peer.ReadAsync())!, (await peer.ReadAsync())!]);
            await peer.WriteAsync("+late\r\n");
            await peer.DrainAsync();
        });
        using RespNode node = new(server.Dialer);
        await Eventually.Connected(node);
        OutcomeRecorder outcomes = new();
        string[] payloads = [new('1', Large), new('2', Large)];
        Assert.True(node.TrySend(Sending.Frame("ECHO", payloads[0]), Sending.Request(node, outcomes, 1)).IsTaken);
        await outcomes.WaitFor(1);
        Assert.True(node.TrySend(Sending.Frame("ECHO", payloads[1]), Sending.Request(node, outcomes, 2)).IsTaken);
        isQueued.SetResult();
        await outcomes.WaitFor(2);
        Assert.Equal(payloads, (await received.Task).Select(command => command[1]));
        Assert.Equal(0, node.Reconnects);
    }
}
