using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// Whatever a server does, every waiter is told once, and the node works again when the server does.
public sealed class HostileServerTests
{
    private const string Secret = "HUNTERTWO";

    private static readonly RespNodeOptions Quick = new() { MaxReconnectDelay = TimeSpan.FromMilliseconds(40) };

    public static TheoryData<ScriptedTransport, string, string> Greetings
    {
        get
        {
            TheoryData<ScriptedTransport, string, string> data = [];
            foreach (ScriptedTransport transport in Enum.GetValues<ScriptedTransport>())
            {
                data.Add(transport, "-DENIED Redis is running in protected mode\r\n", "(DENIED)");
                data.Add(transport, "-NOAUTH Authentication required.\r\n", "(NOAUTH)");
                data.Add(transport, "-ERR max number of clients reached\r\n", "maxclients");
                data.Add(transport, "HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP/1.1 400");
                data.Add(transport, "\x15\x03\x01\x00\x02\x02\x0a", "does the node expect TLS");
                data.Add(transport, "\x00\xff\xfe garbage", "not RESP");
                data.Add(transport, ">2\r\n$3\r\nfoo\r\n$3\r\nbar\r\n", "RESP3");
                data.Add(transport, ":12x\r\n", "malformed");
                data.Add(transport, "+OK\n", "LF without CR");
                data.Add(transport, "$-7\r\n", "negative");
                data.Add(transport, "$99999999\r\n", "MaxBulkBytes");
                data.Add(transport, "+OK\r\n+OK\r\n", "no request waits for");
                data.Add(transport, "+" + new string('x', 70_000), "MaxLineBytes");
                data.Add(transport, "+OK", "in the middle of a reply");
                data.Add(transport, "", "closed the connection");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Greetings))]
    public async Task A_wrong_answer_to_the_handshake_is_named_and_the_node_comes_back(
        ScriptedTransport transport, string answer, string named)
    {
        await using ScriptedServer server = new(transport, async peer =>
        {
            if (peer.Number == 1)
            {
                await peer.ReadAsync();
                await peer.WriteAsync(answer);
                return;
            }

            await ScriptedServer.Behave(peer);
        });
        TaskCompletionSource<string?> firstEnd = new();
        using RespNode node = new(server.Dialer, Quick);
        node.StateChanged += (_, state) =>
        {
            if (state == RespNodeState.Disconnected)
            {
                firstEnd.TrySetResult(node.LastError);
            }
        };
        OutcomeRecorder outcomes = new();
        RespTicket early = node.Echo(outcomes, 1);
        await Eventually.Holds(() => server.Dials >= 2, "a second dial");
        Assert.Contains(named, node.LastError, StringComparison.Ordinal);
        Assert.StartsWith(node.Name, node.LastError, StringComparison.Ordinal);
        await AssertWorks(node);
        if (early.IsTaken)
        {
            outcomes.AssertToldOnce(1);
        }
    }

    [Theory]
    [InlineData(ScriptedTransport.Pipes, "-WRONGPASS invalid username-password pair " + Secret)]
    [InlineData(ScriptedTransport.Pipes, "-" + Secret)]
    [InlineData(ScriptedTransport.Pipes, "-" + Secret + " is wrong")]
    [InlineData(ScriptedTransport.Tcp, "-ERR AUTH " + Secret + " failed")]
    [InlineData(ScriptedTransport.Tcp, "-NOAUTH " + Secret)]
    [InlineData(ScriptedTransport.Pipes, "-DENIED " + Secret)]
    [InlineData(ScriptedTransport.Pipes, "+OK\r\n+OK\r\n-ERR " + Secret)]
    [InlineData(ScriptedTransport.Pipes, "+OK\r\n+OK\r\n$9\r\n" + Secret)]
    [InlineData(ScriptedTransport.Pipes, "+OK\r\n+OK\r\n+" + Secret)]
    [InlineData(ScriptedTransport.Pipes, "-ERR " + Secret + "\n")]
    [InlineData(ScriptedTransport.Pipes, ":1" + Secret)]
    [InlineData(ScriptedTransport.Pipes, "$" + Secret)]
    [InlineData(ScriptedTransport.Pipes, "*" + Secret)]
    [InlineData(ScriptedTransport.Pipes, "+" + Secret + "\n")]
    [InlineData(ScriptedTransport.Pipes, ">1\r\n+" + Secret)]
    [InlineData(ScriptedTransport.Tcp, Secret)]
    [InlineData(ScriptedTransport.Tcp, "HTTP/1.1 400 Bad Request: " + Secret)]
    public async Task An_echoed_password_appears_in_no_text(ScriptedTransport transport, string answer)
    {
        await using ScriptedServer server = new(transport, async peer =>
        {
            await peer.ReadAsync();
            await peer.WriteAsync(answer + "\r\n");
            await peer.DrainAsync();
        });
        RespNodeOptions options = new() { Password = Secret, User = Secret };
        using RespNode node = new(server.Dialer, options);
        await Eventually.Holds(() => node.LastError is not null, "a refusal");
        StringBuilder texts = new();
        texts.Append(node.LastError).Append(node).Append(options);
        foreach (RequestFailure failure in Enum.GetValues<RequestFailure>())
        {
            texts.Append(node.Describe(failure));
        }

        texts.Append((await Assert.ThrowsAsync<RespRequestException>(() => node.SendAsync("PING").SoonAsync())).ToString());
        texts.Append((await Assert.ThrowsAsync<RespRequestException>(() => node.SendAsync("AUTH", Secret).SoonAsync())).ToString());
        Assert.DoesNotContain(Secret, texts.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-DENIED Redis is running in protected mode", "protected mode")]
    [InlineData("-ERR max number of clients reached", "maxclients")]
    public async Task A_refusal_that_is_not_about_the_password_does_not_blame_it(string answer, string named)
    {
        await using ScriptedServer server = new(ScriptedTransport.Pipes, async peer =>
        {
            await peer.ReadAsync();
            await peer.WriteAsync(answer + "\r\n");
        });
        using RespNode node = new(server.Dialer, new RespNodeOptions { Password = Secret });
        await Eventually.Holds(() => node.LastError is not null, "a refusal");
        Assert.Contains(named, node.LastError, StringComparison.Ordinal);
        Assert.DoesNotContain("AUTH was refused", node.LastError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ScriptedTransport.Pipes)]
    [InlineData(ScriptedTransport.Tcp)]
    public async Task A_connection_cut_at_any_byte_of_the_replies_tells_each_waiter_once(ScriptedTransport transport)
    {
        const string Replies = "$1\r\n1\r\n*2\r\n:1\r\n$2\r\nab\r\n+OK\r\n";
        int[] ends = [7, 23, 28];
        for (int cut = 0; cut < Replies.Length; cut++)
        {
            string sent = Replies[..cut];
            await using ScriptedServer server = new(transport, ScriptedServer.MisbehaveOnce(async peer =>
            {
                for (int command = 0; command < 3; command++)
                {
                    await peer.ReadAsync();
                }

                await peer.WriteAsync(sent);
            }));
            using RespNode node = new(server.Dialer);
            await Eventually.Connected(node);
            OutcomeRecorder outcomes = new();
            for (int tag = 1; tag <= 3; tag++)
            {
                Assert.True(node.Echo(outcomes, tag).IsTaken);
            }

            await outcomes.WaitFor(3);
            for (int tag = 1; tag <= 3; tag++)
            {
                Assert.Equal(ends[tag - 1] <= cut ? RequestFailure.None : RequestFailure.ConnectionLost, outcomes.FailureOf(tag));
            }

            await AssertWorks(node);
            outcomes.AssertToldOnce(3);
        }
    }

    [Theory]
    [InlineData(ScriptedTransport.Pipes)]
    [InlineData(ScriptedTransport.Tcp)]
    public async Task Replies_that_drip_byte_by_byte_are_read(ScriptedTransport transport)
    {
        await using ScriptedServer server = new(transport, async peer =>
        {
            await peer.ShakeHandsAsync();
            while (await peer.ReadAsync() is { } command)
            {
                foreach (char one in $"*2\r\n:1\r\n${command[1].Length}\r\n{command[1]}\r\n")
                {
                    await peer.WriteAsync([(byte)one]);
                }
            }
        });
        using RespNode node = new(server.Dialer);
        for (int number = 0; number < 50; number++)
        {
            RespValue reply = await node.SendAsync("ECHO", Sending.Text(number)).SoonAsync();
            Assert.Equal(Sending.Text(number), reply.Items[1].AsString());
        }
    }

    [Theory]
    [InlineData("+", "x", nameof(RespLimits.MaxLineBytes))]
    [InlineData("-", "x", nameof(RespLimits.MaxLineBytes))]
    [InlineData("*1\r\n+", "x", nameof(RespLimits.MaxLineBytes))]
    [InlineData(":", "1", "does not fit 64 bits")]
    [InlineData("$", "1", "does not fit 64 bits")]
    [InlineData("*", "1", "does not fit 64 bits")]
    [InlineData("*100000\r\n", "$50\r\n12345678901234567890123456789012345678901234567890\r\n", nameof(RespLimits.MaxFrameBytes))]
    [InlineData("", "*1\r\n", nameof(RespLimits.MaxDepth))]
    public async Task A_reply_without_end_ends_at_its_limit(string beginning, string repeated, string named)
    {
        string block = string.Concat(Enumerable.Repeat(repeated, 1 + (1000 / repeated.Length)));
        await using ScriptedServer server = new(ScriptedTransport.Tcp, ScriptedServer.MisbehaveOnce(async peer =>
        {
            await peer.ReadAsync();
            await peer.WriteAsync(beginning);
            while (true)
            {
                await peer.WriteAsync(block);
            }
        }));
        TaskCompletionSource<string?> firstEnd = new();
        using RespNode node = new(server.Dialer, Quick with { ReplyLimits = new RespLimits { MaxFrameBytes = 2 * 1024 * 1024 } });
        await Eventually.Connected(node);
        node.StateChanged += (_, _) => firstEnd.TrySetResult(node.LastError);
        OutcomeRecorder outcomes = new();
        Assert.True(node.Echo(outcomes, 1).IsTaken);
        await outcomes.WaitFor(1);
        Assert.Equal(RequestFailure.ConnectionLost, outcomes.FailureOf(1));
        Assert.Contains(named, await firstEnd.Task.SoonAsync(), StringComparison.Ordinal);
        await AssertWorks(node);
        outcomes.AssertToldOnce(1);
    }

    [Fact]
    public async Task A_reply_that_drips_for_ever_times_out_and_the_node_comes_back()
    {
        using SemaphoreSlim dripping = new(0);
        await using ScriptedServer server = new(ScriptedTransport.Tcp, ScriptedServer.MisbehaveOnce(async peer =>
        {
            await peer.ReadAsync();
            await peer.WriteAsync("$1000000\r\n");
            dripping.Release();
            while (true)
            {
                await peer.WriteAsync("x");
                await Task.Delay(1, peer.Life);
            }
        }));
        CountingTimeProvider clock = new();
        using RespNode node = new(server.Dialer, Quick with { TimeProvider = clock });
        await Eventually.Connected(node);
        OutcomeRecorder outcomes = new();
        Assert.True(node.Echo(outcomes, 1, TimeSpan.FromSeconds(1)).IsTaken);
        Assert.True(await dripping.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken));
        clock.Advance(TimeSpan.FromSeconds(2));
        await outcomes.WaitFor(1);
        Assert.Equal(RequestFailure.TimedOut, outcomes.FailureOf(1));

        // Bytes are no answer: a node that gives nothing else is silent. Not so far past that, that the next dial, which may begin
        // meanwhile, runs out of its own time.
        clock.Advance(TimeSpan.FromSeconds(4));
        await AssertWorks(node);
        Assert.Equal(1, node.Reconnects);
        outcomes.AssertToldOnce(1);
    }

    [Theory]
    [InlineData(ScriptedTransport.Pipes, "$1\r\n1\r\n$1\r\n1\r\n")]
    [InlineData(ScriptedTransport.Tcp, "$1\r\n1\r\n$1\r\n1\r\n")]
    [InlineData(ScriptedTransport.Pipes, "$1\r\n1\r\n-ERR x\r\n$1\r\n1\r\n:3\r\n")]
    public async Task A_duplicated_reply_ends_the_connection_and_reaches_nobody(ScriptedTransport transport, string answer)
    {
        await using ScriptedServer server = new(transport, ScriptedServer.MisbehaveOnce(async peer =>
        {
            await peer.ReadAsync();
            await peer.WriteAsync(answer);
            await peer.DrainAsync();
        }));
        using RespNode node = new(server.Dialer);
        await Eventually.Connected(node);
        OutcomeRecorder outcomes = new();
        node.Echo(outcomes, 1);
        await Eventually.Holds(() => node is { Reconnects: 1, IsConnected: true }, "connected again");
        node.Echo(outcomes, 2);
        await outcomes.WaitFor(2);
        Assert.Equal("1", outcomes.ReplyTo(1));
        Assert.Equal("2", outcomes.ReplyTo(2));
        Assert.Contains("no request waits for", node.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_with_nothing_pending_ends_the_connection()
    {
        await using ScriptedServer server = new(ScriptedTransport.Tcp, async peer =>
        {
            await peer.ShakeHandsAsync();
            if (peer.Number == 1)
            {
                await peer.WriteAsync("+unasked\r\n");
            }

            await ScriptedServer.Behave(peer);
        });
        using RespNode node = new(server.Dialer);
        await Eventually.Holds(() => node is { Reconnects: 1, IsConnected: true }, "connected again");
        await AssertWorks(node);
    }

    [Theory]
    [InlineData(ScriptedTransport.Pipes)]
    [InlineData(ScriptedTransport.Tcp)]
    public async Task A_reply_before_its_request_was_sent_is_not_believed(ScriptedTransport transport)
    {
        using SemaphoreSlim queued = new(0);
        await using ScriptedServer server = new(transport, async peer =>
        {
            if (peer.Number > 1)
            {
                await ScriptedServer.Behave(peer);
                return;
            }

            // The request stands behind the handshake: queued, but not sent.
            await queued.WaitAsync(peer.Life);
            await peer.WriteAsync("+OK\r\n$6\r\nforged\r\n");
            await peer.DrainAsync();
        });
        using RespNode node = new(server.Dialer, Quick);
        OutcomeRecorder outcomes = new();
        Assert.True(node.Echo(outcomes, 1).IsTaken);
        queued.Release();
        await outcomes.WaitFor(1);
        Assert.NotEqual(RequestFailure.None, outcomes.FailureOf(1));
        await AssertWorks(node);
        outcomes.AssertToldOnce(1);
    }

    [Theory]
    [InlineData(ScriptedTransport.Pipes)]
    [InlineData(ScriptedTransport.Tcp)]
    public async Task A_silent_handshake_ends_at_the_connect_time_limit(ScriptedTransport transport)
    {
        await using ScriptedServer server = new(transport, peer => peer.Number == 1 ? peer.DrainAsync() : ScriptedServer.Behave(peer));
        CountingTimeProvider clock = new();
        using RespNode node = new(
            server.Dialer, new RespNodeOptions { TimeProvider = clock, ConnectTimeLimit = TimeSpan.FromMilliseconds(300) });
        OutcomeRecorder outcomes = new();
        Assert.True(node.Echo(outcomes, 1).IsTaken);
        await Eventually.Holds(() => server.Dials == 1, "the server is dialed");
        clock.Advance(TimeSpan.FromMilliseconds(299));
        Assert.Equal(0, outcomes.Count);
        clock.Advance(TimeSpan.FromMilliseconds(2));
        await outcomes.WaitFor(1);
        Assert.Equal(RequestFailure.NotConnected, outcomes.FailureOf(1));
        Assert.Contains("within 0.3 s", node.LastError, StringComparison.Ordinal);
        await AssertWorks(node);
        Assert.Equal(2, server.Dials);
    }

    [Fact]
    public async Task A_refused_connection_is_named_and_tried_again()
    {
        System.Net.Sockets.TcpListener gone = new(System.Net.IPAddress.Loopback, 0);
        gone.Start();
        int port = ((System.Net.IPEndPoint)gone.LocalEndpoint).Port;
        gone.Stop();
        using RespNode node = RespNode.Connect($"127.0.0.1:{port}", Quick);
        await Eventually.Holds(() => node.LastError is not null, "a refusal");
        Assert.Contains($"127.0.0.1:{port}", node.LastError, StringComparison.Ordinal);
        Assert.Contains("refused", node.LastError, StringComparison.OrdinalIgnoreCase);
        await Eventually.Holds(() => node.State == RespNodeState.Connecting, "another dial");
        Assert.Equal(RequestFailure.NotConnected, node.Echo(new OutcomeRecorder(), 1).Failure);
    }

    [Fact]
    public async Task A_server_that_drops_every_connection_is_not_dialed_in_a_storm()
    {
        await using ScriptedServer server = new(ScriptedTransport.Pipes, peer => peer.ShakeHandsAsync());
        using RespNode node = new(server.Dialer, new RespNodeOptions { ReconnectDelay = TimeSpan.FromMilliseconds(100) });
        await Eventually.Holds(() => node.Reconnects >= 1, "one reconnect");
        int before = server.Dials;
        await Task.Delay(500, TestContext.Current.CancellationToken);
        Assert.InRange(server.Dials - before, 0, 10);
    }

    private static async Task AssertWorks(RespNode node)
    {
        Assert.Equal("again", (await Eventually.Answered(node, "ECHO", "again")).AsString());
    }
}
