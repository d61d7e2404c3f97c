using System.IO.Pipelines;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// A pipe that can only be awaited is read on whatever thread brings the bytes, which goes back as it came.
public sealed class AwaitedPipeTests : IDuplexPipe
{
    private const int SegmentBytes = 16;

    // What is written is read at once, on this very thread.
    private readonly Pipe _replies = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline, minimumSegmentSize: SegmentBytes, useSynchronizationContext: false));

    private readonly Pipe _requests = new();
    private readonly RespConnection _connection;
    private readonly Task _run;

    public AwaitedPipeTests()
    {
        RespNodeOptions options = new();
        _connection = LoneConnection.Of(options);
        _connection.Attach(this, Login.None);
        _run = new ReplyReceiver(_connection, new NodeContext("alone", options, ServerText.OfNoSecret), this).RunAsync();
    }

    public PipeReader Input => _replies.Reader;

    public PipeWriter Output => _requests.Writer;

    [Fact]
    public async Task The_thread_that_brings_a_reply_may_not_block_in_its_handler_and_may_again_behind_it()
    {
        await AnswerAsync("+OK\r\n");
        List<RespThreadRole> roles = [];
        OutcomeRecorder outcomes = new() { Then = _ => roles.Add(RespThread.Role) };
        Assert.True(_connection.TrySend(
            Sending.Frame("PING"), new RespRequest { Handler = outcomes, Tag = 1, DeadlineTicks = long.MaxValue }).IsTaken);
        Answer("+1\r\n");
        Assert.Equal("1", outcomes.ReplyTo(1));
        Assert.Equal([RespThreadRole.Node], roles);
        Assert.Equal(RespThreadRole.None, RespThread.Role);
    }

    [Fact]
    public async Task A_reply_that_goes_on_behind_several_segments_is_waited_for()
    {
        await AnswerAsync("+OK\r\n");
        OutcomeRecorder outcomes = new();
        for (int tag = 1; tag <= 2; tag++)
        {
            Assert.True(_connection.TrySend(
                Sending.Frame("PING"), new RespRequest { Handler = outcomes, Tag = tag, DeadlineTicks = long.MaxValue }).IsTaken);
        }

        string text = new('x', 10_000);
        string replies = $"+1\r\n${text.Length}\r\n{text}\r\n";
        Answer(replies[..5_000]);
        Assert.Equal("1", outcomes.ReplyTo(1));
        Assert.Equal(1, outcomes.Count);
        Answer(replies[5_000..^1]);
        Assert.Equal(1, outcomes.Count);
        Answer(replies[^1..]);
        Assert.Equal(text, outcomes.ReplyTo(2));
        Assert.Null(_connection.End);
    }

    [Fact]
    public async Task At_its_end_it_is_completed()
    {
        await _replies.Writer.CompleteAsync();
        await _run.SoonAsync();
        Assert.StartsWith("alone: the node closed the connection.", _connection.End?.Text, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => _replies.Reader.TryRead(out _));
        Assert.True((await _requests.Reader.ReadAsync(TestContext.Current.CancellationToken)).IsCompleted);
    }

    [Fact]
    public async Task If_it_fails_the_connection_is_lost()
    {
        await _replies.Writer.CompleteAsync(new InvalidTimeZoneException("broken"));
        await _run.SoonAsync();
        Assert.Equal("alone: the connection was lost: broken", _connection.End?.Text);
    }

    private async Task AnswerAsync(string latin1) => await _replies.Writer.WriteAsync(Encoding.Latin1.GetBytes(latin1));

    // Without a wait between the bytes and what is looked at then.
    private void Answer(string latin1)
    {
        Task answered = AnswerAsync(latin1);
        Assert.True(answered.IsCompletedSuccessfully);
    }
}
