using System.Collections.Concurrent;

namespace Redlock.Fast.Resp.Tests;

// What every transport and server must do; a subclass each.
public abstract class RespNodeContract : IAsyncDisposable
{
    internal const string Password = "s3cret-of-the-node";
    internal const string User = "worker";
    internal const string UserPassword = "s3cret-of-the-worker";

    private readonly List<IDisposable> _owned = [];

    public ValueTask DisposeAsync()
    {
        for (int index = _owned.Count - 1; index >= 0; index--)
        {
            _owned[index].Dispose();
        }

        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Any_command_is_answered()
    {
        RespNode node = await ConnectAsync();
        Assert.Equal("PONG", (await node.SendAsync("PING")).AsString());
        Assert.Equal("OK", (await node.SendAsync("SET", "k", "wert ü")).AsString());
        Assert.Equal("wert ü", (await node.SendAsync("GET", "k")).AsString());
        Assert.True((await node.SendAsync("GET", "none")).IsNull);
        Assert.Equal(1, (await node.SendAsync("EXISTS", "k")).Integer);
        Assert.Equal(2, (await node.SendAsync("TIME")).Items.Count);
        Assert.Equal("PONG", node.Send("PING").AsString());
    }

    [Fact]
    public async Task An_error_reply_is_a_value()
    {
        RespNode node = await ConnectAsync();
        RespValue reply = await node.SendAsync("NOSUCHCOMMAND", "x");
        Assert.True(reply.IsError);
        Assert.StartsWith("ERR unknown command", reply.AsString(), StringComparison.Ordinal);
        Assert.Equal("PONG", (await node.SendAsync("PING")).AsString());
        Assert.Equal(0, node.Reconnects);
    }

    [Fact]
    public async Task Ten_thousand_pipelined_commands_keep_their_order()
    {
        const int Requests = 10_000;
        RespNode node = await ConnectAsync(new RespNodeOptions
        {
            QueueLimits = new RespQueueLimits { OrdinaryRequests = Requests },
        });
        OutcomeRecorder outcomes = new();
        for (int tag = 0; tag < Requests; tag++)
        {
            Assert.True(node.Echo(outcomes, tag).IsTaken);
        }

        await outcomes.WaitFor(Requests);
        Assert.Equal(Enumerable.Range(0, Requests).Select(tag => (long)tag), outcomes.Told.Select(outcome => outcome.Tag));
        Assert.All(outcomes.Told, outcome => Assert.Equal(Sending.Text(outcome.Tag), outcome.Reply.AsString()));
        Assert.Equal(0, node.Pending);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(300_000)]
    [InlineData(1024 * 1024)]
    public async Task Values_of_any_bytes_and_any_size_up_to_the_limit_come_back(int size)
    {
        RespNode node = await ConnectAsync();
        byte[] value = new byte[size];
        new Random(size).NextBytes(value);
        OutcomeRecorder outcomes = new();
        node.TrySend(Sending.Frame(Sending.Utf8("SET"), [0, 13, 10, 255], value), Sending.Request(node, outcomes, 1));
        await outcomes.WaitFor(1);
        node.TrySend(Sending.Frame(Sending.Utf8("GET"), [0, 13, 10, 255]), Sending.Request(node, outcomes, 2));
        await outcomes.WaitFor(2);
        Assert.Equal("OK", outcomes.ReplyTo(1));
        Assert.Equal(value, outcomes.Told[1].Reply.Bytes.ToArray());
    }

    [Fact]
    public async Task A_value_above_the_limit_ends_the_connection_and_the_next_one_works()
    {
        RespNode node = await ConnectAsync(new RespNodeOptions { ReplyLimits = new RespLimits { MaxBulkBytes = 100 } });
        await node.SendAsync("SET", "k", new string('x', 101));
        RespRequestException lost = await Assert.ThrowsAsync<RespRequestException>(() => node.SendAsync("GET", "k").SoonAsync());
        Assert.Equal(RequestFailure.ConnectionLost, lost.Failure);
        Assert.Contains("may have executed it", lost.Message, StringComparison.Ordinal);
        Assert.Contains("MaxBulkBytes", node.LastError, StringComparison.Ordinal);
        await Eventually.Holds(() => node is { IsConnected: true, Reconnects: 1 }, "connected again");
        Assert.Equal("PONG", (await node.SendAsync("PING")).AsString());
    }

    [Fact]
    public async Task States_are_seen_and_reconnects_counted()
    {
        RespNode node = await ConnectAsync();
        ConcurrentQueue<RespNodeState> states = new();
        node.StateChanged += (_, state) => states.Enqueue(state);
        for (int loss = 1; loss <= 3; loss++)
        {
            Assert.Equal("OK", (await node.SendAsync("QUIT")).AsString());
            await Eventually.Holds(() => node.Reconnects == loss && node.IsConnected, $"loss {loss} mended");
        }

        node.Dispose();
        Assert.Equal(RespNodeState.Disposed, node.State);
        RespNodeState[] once = [RespNodeState.Disconnected, RespNodeState.Connecting, RespNodeState.Connected];
        Assert.Equal([.. once, .. once, .. once, RespNodeState.Disposed], states);
        Assert.Contains("Disposed", node.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pending_goes_back_to_zero()
    {
        RespNode node = await ConnectAsync();
        Task<RespValue>[] replies = [.. Enumerable.Range(0, 100).Select(_ => node.SendAsync("PING"))];
        await Task.WhenAll(replies).SoonAsync();
        await Eventually.Holds(() => node.Pending == 0, "nothing pending");
    }

    [Fact]
    public async Task A_disposed_node_refuses_and_its_waiters_are_told()
    {
        RespNode node = await ConnectAsync();
        await node.DisposeAsync();
        node.Dispose();
        Assert.Equal(RequestFailure.Disposed, node.Echo(new OutcomeRecorder(), 1).Failure);
        RespRequestException refused = await Assert.ThrowsAsync<RespRequestException>(() => node.SendAsync("PING"));
        Assert.Equal(RequestFailure.Disposed, refused.Failure);
        Assert.Contains("has not executed it", refused.Message, StringComparison.Ordinal);
        Assert.Contains(node.Name, refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => node.WaitUntilConnectedAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_handshake_names_selects_and_loads()
    {
        RespNode node = Own(new RespNode(Own(await StartAsync(null)).Dialer, new RespNodeOptions { ClientName = "unit-7", Database = 3 }));
        node.Prepare(RedlockScripts.Release);
        node.Prepare(RedlockScripts.Release);

        // The first connection may have been made before the script was prepared.
        await Eventually.Connected(node);
        await node.SendAsync("QUIT");
        await Eventually.Holds(() => node is { Reconnects: 1, IsConnected: true }, "connected again");
        Assert.Equal("unit-7", (await node.SendAsync("CLIENT", "GETNAME")).AsString());
        RespValue exists = await node.SendAsync("SCRIPT", "EXISTS", RedlockScripts.Release.Sha1, RedlockScripts.Extend.Sha1);
        Assert.Equal([1L, 0L], exists.Items.Select(item => item.Integer));
        await node.SendAsync("SET", "in-three", "1");
        await node.SendAsync("SELECT", "0");
        Assert.Equal(0, (await node.SendAsync("EXISTS", "in-three")).Integer);
        await node.SendAsync("SELECT", "3");
        Assert.Equal(1, (await node.SendAsync("EXISTS", "in-three")).Integer);
    }

    [Fact]
    public async Task A_password_and_a_user_are_sent()
    {
        Dialer dialer = Own(await StartAsync(Password)).Dialer;
        RespNode byPassword = Own(new RespNode(dialer, new RespNodeOptions { Password = Password }));
        RespNode byUser = Own(new RespNode(dialer, new RespNodeOptions { User = User, Password = UserPassword, ClientName = null }));
        await Eventually.Connected(byPassword);
        await Eventually.Connected(byUser);
        Assert.Equal("PONG", (await byPassword.SendAsync("PING")).AsString());
        Assert.Equal("PONG", (await byUser.SendAsync("PING")).AsString());
    }

    [Theory]
    [InlineData(null, "wrong-s3cret", "WRONGPASS")]
    [InlineData("stranger", "wrong-s3cret", "WRONGPASS")]
    [InlineData(null, null, "NOAUTH")]
    public async Task Refused_credentials_are_a_misconfiguration(string? user, string? password, string code)
    {
        Dialer dialer = Own(await StartAsync(Password)).Dialer;
        RespNode node = Own(new RespNode(dialer, new RespNodeOptions { User = user, Password = password }));
        OutcomeRecorder outcomes = new();
        RespTicket ticket = node.Echo(outcomes, 1);
        await Eventually.Holds(() => node.LastError is not null, "a refusal");
        RequestFailure failure = ticket.Failure;
        if (ticket.IsTaken)
        {
            await outcomes.WaitFor(1);
            failure = outcomes.FailureOf(1);
        }

        Assert.Equal(RequestFailure.Misconfigured, failure);
        Assert.Contains(code, node.LastError, StringComparison.Ordinal);
        Assert.Contains(node.Name, node.Describe(failure), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", node.LastError + node.Describe(failure) + node, StringComparison.Ordinal);
        RespRequestException refused = await Assert.ThrowsAsync<RespRequestException>(() => node.SendAsync("PING"));
        Assert.Equal(RequestFailure.Misconfigured, refused.Failure);
        Assert.DoesNotContain("s3cret", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_a_misconfiguration()
    {
        RespNode node = Own(new RespNode(Own(await StartAsync(null)).Dialer, new RespNodeOptions { Database = 9999 }));
        await Eventually.Holds(() => node.LastError is not null, "a refusal");
        Assert.Contains("SELECT was refused", node.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forgotten_script_is_run_by_its_text()
    {
        RespNode node = await ConnectAsync();
        OutcomeRecorder outcomes = new();
        await node.SendAsync("SCRIPT", "FLUSH");
        await node.SendAsync("SET", "k", "owner");
        byte[] frame = Sending.Frame("EVALSHA", RedlockScripts.Release.Sha1, "1", "k", "owner");
        RespRequest request = Sending.Request(node, outcomes, 1);
        node.TrySend(
            frame, new RespRequest { Handler = outcomes, Tag = 1, DeadlineTicks = request.DeadlineTicks, Script = RedlockScripts.Release });
        await outcomes.WaitFor(1);
        Assert.Equal("1", outcomes.ReplyTo(1));
        Assert.Equal(0, (await node.SendAsync("EXISTS", "k")).Integer);
    }

    // A server with the user above and, if given, the default user's password.
    internal abstract Task<ServerUnderTest> StartAsync(string? password);

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    private async Task<RespNode> ConnectAsync(RespNodeOptions? options = null)
    {
        RespNode node = Own(new RespNode(Own(await StartAsync(null)).Dialer, options));
        await Eventually.Connected(node);
        Assert.True(node.IsConnected);
        Assert.Equal(RespNodeState.Connected, node.State);
        return node;
    }
}
