using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Unit.Tests;

// A server that says it is not the one to ask is left for whatever its address leads to now.
public sealed class MisdirectionTests
{
    private const string ReadOnly = "-READONLY You can't write against a read only replica.\r\n";

    [Theory]
    [InlineData("READONLY You can't write against a read only replica.")]
    [InlineData("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.")]
    [InlineData("MOVED 866 10.0.0.2:6379")]
    [InlineData("ERR Error running script (call to f_de3d9ce5): @user_script:1: -READONLY You can't write against a read only replica.")]
    public async Task The_address_is_dialed_again(string error)
    {
        await using ScriptedServer server = OnceAnsweringWith(error);
        using RespNode node = new(server.Dialer);
        await Eventually.Connected(node);
        Assert.Equal(error, (await node.SendAsync("SET", "k", "v").SoonAsync()).AsString());
        await Eventually.Holds(() => node is { Reconnects: 1, IsConnected: true }, "connected again");
        Assert.StartsWith(
            $"{node.Name}: the node answered with {error}: it is not the server to ask", node.LastError, StringComparison.Ordinal);
        Assert.Equal("again", (await Eventually.Answered(node, "ECHO", "again")).AsString());
        Assert.Equal(2, server.Dials);
    }

    [Fact]
    public async Task A_server_that_has_forgotten_the_login_is_dialed_again()
    {
        await using ScriptedServer server = OnceAnsweringWith("NOAUTH Authentication required.");
        using RespNode node = new(server.Dialer);
        await Eventually.Connected(node);
        await node.SendAsync("SET", "k", "v").SoonAsync();
        await Eventually.Holds(() => node is { Reconnects: 1, IsConnected: true }, "connected again");
        Assert.Contains("it does not know the login of the connection any more", node.LastError, StringComparison.Ordinal);
        Assert.Equal(2, server.Dials);
    }

    [Theory]
    [InlineData("LOADING Redis is loading the dataset in memory")]
    [InlineData("BUSY Redis is busy running a script.")]
    [InlineData("CLUSTERDOWN The cluster is down")]
    [InlineData("NOREPLICAS Not enough good replicas to write.")]
    [InlineData("ASK 866 10.0.0.2:6379")]
    [InlineData("NOPERM this user has no permissions to run the 'set' command")]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'.")]
    [InlineData("READONLYNESS is not a code")]
    [InlineData("ERR -READONLY")]
    [InlineData("ERR Error running script (call to f_de3d9ce5): @user_script:1: WRONGTYPE Operation against a key")]
    [InlineData("ERR a command said -READONLY to somebody else")]
    public async Task Any_other_error_is_only_an_answer(string error)
    {
        await using ScriptedServer server = OnceAnsweringWith(error);
        using RespNode node = new(server.Dialer);
        await Eventually.Connected(node);
        Assert.Equal(error, (await node.SendAsync("SET", "k", "v").SoonAsync()).AsString());
        Assert.Equal("still", (await node.SendAsync("ECHO", "still").SoonAsync()).AsString());
        Assert.Equal(0, node.Reconnects);
        Assert.Equal(1, server.Dials);
    }

    [Theory]
    [InlineData(ScriptedTransport.Pipes)]
    [InlineData(ScriptedTransport.Tcp)]
    public async Task What_the_server_owes_is_answered_before_it_is_left(ScriptedTransport transport)
    {
        TaskCompletionSource mayAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = new(transport, ScriptedServer.MisbehaveOnce(async peer =>
        {
            await peer.ReadAsync();
            await peer.ReadAsync();
            await peer.ReadAsync();
            await peer.WriteAsync(ReadOnly);
            await mayAnswer.Task;
            await peer.WriteAsync("+second\r\n+third\r\n");
            while (await peer.ReadAsync() is not null)
            {
                await peer.WriteAsync("+behind\r\n");
            }
        }));
        using RespNode node = new(server.Dialer);
        await Eventually.Connected(node);
        OutcomeRecorder outcomes = new();
        RespTicket first = node.Echo(outcomes, 1);
        RespTicket second = node.Echo(outcomes, 2);
        Assert.True(node.Echo(outcomes, 3).IsTaken);
        await outcomes.WaitFor(1);
        Assert.Equal("READONLY You can't write against a read only replica.", outcomes.ReplyTo(1));
        await Eventually.Holds(() => node.LastError is not null, "it is being left");

        // What begins anew is for the next connection; what undoes goes behind what it undoes.
        RequestFailure refusal = RequestFailure.None;
        await Eventually.Holds(() => (refusal = node.Echo(outcomes, 4).Failure) != RequestFailure.None, "new requests are refused");
        Assert.Equal(RequestFailure.NotConnected, refusal);
        Assert.Contains("READONLY", node.Describe(refusal), StringComparison.Ordinal);
        RespRequest behind = Sending.Request(node, outcomes, 5, priority: RequestPriority.Reserved);
        Assert.True(node.TrySend(Sending.Frame("DEL", "k"), new RespRequest
        {
            Handler = outcomes,
            Tag = 5,
            DeadlineTicks = behind.DeadlineTicks,
            Behind = second,
        }).IsTaken);
        Assert.Equal(1, server.Dials);
        mayAnswer.SetResult();
        await Eventually.Holds(() => node is { Reconnects: 1, IsConnected: true }, "connected again");
        Assert.Equal("second", outcomes.ReplyTo(2));
        Assert.Equal("third", outcomes.ReplyTo(3));
        Assert.Equal("behind", outcomes.ReplyTo(5));
        Assert.Equal(
            RequestFailure.ConnectionChanged,
            node.TrySend(Sending.Frame("DEL", "k"), new RespRequest { DeadlineTicks = long.MaxValue, Behind = first }).Failure);
    }

    [Fact]
    public async Task A_server_that_owes_in_vain_is_left_at_the_first_time_limit()
    {
        await using ScriptedServer server = new(ScriptedTransport.Tcp, ScriptedServer.MisbehaveOnce(async peer =>
        {
            await peer.ReadAsync();
            await peer.ReadAsync();
            await peer.WriteAsync(ReadOnly);
            await peer.DrainAsync();
        }));
        using RespNode node = new(server.Dialer, new RespNodeOptions { SilenceLimit = TimeSpan.FromHours(1) });
        await Eventually.Connected(node);
        OutcomeRecorder outcomes = new();
        Assert.True(node.Echo(outcomes, 1).IsTaken);
        Assert.True(node.Echo(outcomes, 2, TimeSpan.FromMilliseconds(100)).IsTaken);
        await outcomes.WaitFor(2);
        Assert.Equal(RequestFailure.TimedOut, outcomes.FailureOf(2));
        await Eventually.Holds(() => node is { Reconnects: 1, IsConnected: true }, "connected again");
    }

    [Fact]
    public async Task A_server_that_stays_what_it_is_is_not_dialed_in_a_storm()
    {
        CountingTimeProvider clock = new();
        TimeSpan longest = TimeSpan.FromHours(1);
        await using ScriptedServer server = new(ScriptedTransport.Pipes, async peer =>
        {
            await peer.ShakeHandsAsync();
            while (await peer.ReadAsync() is not null)
            {
                await peer.WriteAsync(ReadOnly);
            }
        });
        using RespNode node = new(server.Dialer, new RespNodeOptions { TimeProvider = clock, MaxReconnectDelay = longest });
        for (int period = 1; period <= 5; period++)
        {
            for (int ask = 0; ask < 50; ask++)
            {
                Assert.True((await Eventually.Answered(node, "SET", "k", "v")).IsError);
                if (ask == 0)
                {
                    await Eventually.Holds(() => server.Dials == period + 1, "dialed once in this period");
                }
            }

            Assert.Equal(period + 1, server.Dials);
            clock.Advance(longest);
        }
    }

    [Fact]
    public void What_is_taken_back_unsent_is_not_waited_for()
    {
        RespNodeOptions options = new() { QueueLimits = new RespQueueLimits { WindowBytes = 1024 } };
        RespConnection connection = LoneConnection.Of(options, new TellingObserver(static _ => { }) { LetsGo = true });
        connection.Attach(new RecordingPipe(), Login.None);
        Assert.True(connection.TryAnswer(new RespReply(RespType.SimpleString, 0, "OK"u8)));
        connection.EndBatch();
        OutcomeRecorder outcomes = new();
        byte[] large = Sending.Frame("ECHO", new string('x', 1000));
        Assert.True(connection.TrySend(large, new RespRequest { Handler = outcomes, Tag = 1, DeadlineTicks = long.MaxValue }).IsTaken);
        RespTicket waiting = connection.TrySend(large, new RespRequest { Handler = outcomes, Tag = 2, DeadlineTicks = long.MaxValue });
        connection.BeginBatch();
        Assert.True(connection.TryAnswer(new RespReply(RespType.Error, 0, "READONLY You can't write against a read only replica."u8)));
        RespRequest undo = new() { DeadlineTicks = long.MaxValue, Priority = RequestPriority.Reserved, Undoes = waiting };
        Assert.Equal(RequestFailure.Withdrawn, connection.TrySend(Sending.Frame("PING"), undo).Failure);
        Assert.Null(connection.End);
        connection.EndBatch();
        Assert.Equal(ConnectionEndCause.Misdirection, connection.End?.Cause);
        outcomes.AssertToldOnce(2);
    }

    private static ScriptedServer OnceAnsweringWith(string error) => new(ScriptedTransport.Tcp, ScriptedServer.MisbehaveOnce(async peer =>
    {
        await peer.ReadAsync();
        await peer.WriteAsync($"-{error}\r\n");
        await ScriptedServer.Behave(peer);
    }));
}
