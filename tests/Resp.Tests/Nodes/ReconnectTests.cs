using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Resp.Tests;

public sealed class ReconnectTests
{
    private static readonly RespNodeOptions Quick = new() { MaxReconnectDelay = TimeSpan.FromMilliseconds(40) };

    [Fact]
    public async Task Requests_taken_during_the_first_dial_go_out_behind_the_handshake()
    {
        using InMemoryNode server = InMemoryNode.Start();
        TaskCompletionSource mayDial = new();
        using RespNode node = new(Dialer.From("gated", async _ =>
        {
            await mayDial.Task;
            return server.Connect();
        }));
        OutcomeRecorder outcomes = new();
        for (int tag = 0; tag < 100; tag++)
        {
            Assert.True(node.Echo(outcomes, tag).IsTaken);
        }

        Assert.Equal(RespNodeState.Connecting, node.State);
        Task<RespValue> name = node.SendAsync("CLIENT", "GETNAME");
        mayDial.SetResult();
        Assert.Equal("redlock.fast", (await name.SoonAsync()).AsString());
        await outcomes.WaitFor(100);
        Assert.All(outcomes.Told, outcome => Assert.Equal(Sending.Text(outcome.Tag), outcome.Reply.AsString()));
    }

    [Fact]
    public async Task Requests_during_a_redial_after_a_failure_are_refused_at_once()
    {
        TaskCompletionSource<IDuplexPipe> second = new();
        int dials = 0;
        using RespNode node = new(
            Dialer.From("failing", token => Interlocked.Increment(ref dials) == 1
                ? throw new IOException("failing: nobody there")
                : new ValueTask<IDuplexPipe>(second.Task.WaitAsync(token))),
            Quick);
        await Eventually.Holds(() => Volatile.Read(ref dials) == 2, "the second dial");
        Assert.Equal(RequestFailure.NotConnected, node.Echo(new OutcomeRecorder(), 1).Failure);
        Assert.Equal("failing: nobody there", node.Describe(RequestFailure.NotConnected));
        using InMemoryNode server = InMemoryNode.Start();
        second.SetResult(server.Connect());
        await Eventually.Connected(node);
        Assert.Equal(0, node.Reconnects);
    }

    [Fact]
    public async Task A_ticket_of_a_lost_connection_can_not_be_followed()
    {
        using InMemoryNode server = InMemoryNode.Start();
        using RespNode node = RespNode.Connect(server.Endpoint);
        await Eventually.Connected(node);
        OutcomeRecorder outcomes = new();
        RespTicket first = node.Echo(outcomes, 1);
        RespTicket second = node.TrySend(Sending.Frame("ECHO", "2"), Behind(first, 2));
        Assert.Equal(first.Connection, second.Connection);
        await outcomes.WaitFor(2);
        await node.SendAsync("QUIT");
        await Eventually.Holds(() => node is { Reconnects: 1, IsConnected: true }, "connected again");

        RespTicket refused = node.TrySend(Sending.Frame("ECHO", "3"), Behind(first, 3));
        Assert.Equal(RequestFailure.ConnectionChanged, refused.Failure);
        Assert.False(refused.IsTaken);
        RespTicket later = node.Echo(outcomes, 4);
        Assert.True(later.Connection > first.Connection);
        Assert.True(node.TrySend(Sending.Frame("ECHO", "5"), Behind(later, 5)).IsTaken);
        await outcomes.WaitFor(4);
        Assert.Equal([1L, 2L, 4L, 5L], outcomes.Told.Select(outcome => outcome.Tag));

        RespRequest Behind(RespTicket ticket, long tag) => new()
        {
            Handler = outcomes,
            Tag = tag,
            DeadlineTicks = long.MaxValue,
            Behind = ticket,
        };
    }

    [Fact]
    public async Task A_misconfiguration_waits_the_longest_delay()
    {
        ConcurrentQueue<long> dials = new();
        await using ScriptedServer server = new(ScriptedTransport.Pipes, async peer =>
        {
            dials.Enqueue(TimeProvider.System.GetTimestamp());
            await peer.ReadAsync();
            await peer.WriteAsync("-WRONGPASS no\r\n");
            await peer.DrainAsync();
        });
        TimeSpan longest = TimeSpan.FromMilliseconds(300);
        using RespNode node = new(server.Dialer, new RespNodeOptions
        {
            Password = "x",
            ReconnectDelay = TimeSpan.FromMilliseconds(1),
            MaxReconnectDelay = longest,
        });
        await Eventually.Holds(() => node.LastError is not null, "a refusal");
        Assert.Equal(RequestFailure.Misconfigured, node.Echo(new OutcomeRecorder(), 1).Failure);
        await Eventually.Holds(() => dials.Count >= 3, "two dials more");

        // Without the rule the waits would be a few milliseconds. A busy machine can only lengthen them.
        long[] times = [.. dials];
        Assert.All(
            times.Skip(1).Zip(times), pair => Assert.True(TimeProvider.System.GetElapsedTime(pair.Second, pair.First) > 0.8 * longest));
    }

    [Fact]
    public async Task Dials_that_fail_slowly_are_not_made_in_a_storm()
    {
        ConcurrentQueue<long> dials = new();
        CountingTimeProvider clock = new();
        TimeSpan longest = TimeSpan.FromHours(1);
        Dialer slow = Dialer.From("slow to fail", _ =>
        {
            dials.Enqueue(TimeProvider.System.GetTimestamp());
            clock.Advance(2 * longest);
            return ValueTask.FromException<IDuplexPipe>(new IOException("no route"));
        });
        TimeSpan shortest = TimeSpan.FromMilliseconds(1);
        using RespNode node = new(slow, new RespNodeOptions
        {
            TimeProvider = clock,
            ReconnectDelay = shortest,
            MaxReconnectDelay = longest,
            ConnectTimeLimit = 4 * longest,
        });
        await Eventually.Holds(() => dials.Count >= 9, "nine dials");

        // The delays double, down to half of that by chance, and a busy machine can only lengthen them.
        long[] times = [.. dials];
        Assert.True(TimeProvider.System.GetElapsedTime(times[7], times[8]) > 50 * shortest);
    }

    [Fact]
    public async Task A_dial_that_succeeds_after_the_disposal_leaves_no_connection()
    {
        await using ScriptedServer server = new(ScriptedTransport.Tcp, peer => peer.DrainAsync());
        TaskCompletionSource disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Dialer slow = Dialer.From("slow to dial", async _ =>
        {
            IDuplexPipe pipe = await server.Dialer.DialAsync(CancellationToken.None);
            await disposed.Task;
            return pipe;
        });
        RespNode node = new(slow);
        await Eventually.Holds(() => server.Open == 1, "the server is dialed");
        node.Dispose();
        disposed.SetResult();
        await Eventually.Holds(() => server.Open == 0, "the connection is closed");
    }

    [Theory]
    [InlineData("dial")]
    [InlineData("handshake")]
    [InlineData("back-off")]
    public async Task Disposal_ends_the_nodes_thread_wherever_it_is(string where)
    {
        int dials = 0;
        int ended = 0;
        PipeReader? handshake = null;
        Dialer dialer = Dialer.From("counted", async token =>
        {
            Interlocked.Increment(ref dials);
            try
            {
                if (where == "dial")
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, token);
                }

                if (where == "back-off")
                {
                    throw new IOException("nobody there");
                }

                Pipe requests = new();
                handshake = requests.Reader;
                return new ScriptedEnds(new Pipe().Reader, requests.Writer);
            }
            finally
            {
                Interlocked.Increment(ref ended);
            }
        });
        TimeSpan minute = TimeSpan.FromMinutes(1);
        using RespNode node = new(
            dialer, new RespNodeOptions { ReconnectDelay = minute, MaxReconnectDelay = minute, ConnectTimeLimit = minute });
        OutcomeRecorder outcomes = new();
        RespTicket early = node.Echo(outcomes, 1);
        await Eventually.Holds(
            () => where switch
            {
                "dial" => Volatile.Read(ref dials) == 1,
                "handshake" => TryTake(Volatile.Read(ref handshake)),
                _ => node.State == RespNodeState.Disconnected,
            },
            where);
        node.Dispose();
        Assert.Equal(RequestFailure.Disposed, node.Echo(outcomes, 2).Failure);
        if (early.IsTaken)
        {
            await outcomes.WaitFor(1);
            Assert.Equal(where == "back-off" ? RequestFailure.NotConnected : RequestFailure.Disposed, outcomes.FailureOf(1));
        }

        await Eventually.Holds(() => Volatile.Read(ref ended) == 1, "the dial has ended");
        if (where == "handshake")
        {
            // Both ends are completed by the node's thread when it leaves.
            await Eventually.Holds(() => handshake!.TryRead(out ReadResult result) && result.IsCompleted, "the pipe is closed");
        }

        await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Equal(1, dials);

        static bool TryTake(PipeReader? sent)
        {
            if (sent is null || !sent.TryRead(out ReadResult result))
            {
                return false;
            }

            sent.AdvanceTo(result.Buffer.End);
            return true;
        }
    }

    [Fact]
    public async Task No_socket_is_leaked_by_nodes_disposed_at_any_moment()
    {
        await using ScriptedServer server = new(ScriptedTransport.Tcp, ScriptedServer.Behave);
        for (int round = 0; round < 100; round++)
        {
            RespNode node = new(server.Dialer);
            OutcomeRecorder outcomes = new();
            RespTicket ticket = node.Echo(outcomes, 1);
            if (round % 3 == 0)
            {
                await Eventually.Connected(node);
            }
            else if (round % 3 == 1)
            {
                Thread.Yield();
            }

            await node.DisposeAsync();
            if (ticket.IsTaken)
            {
                await outcomes.WaitFor(1);
            }
        }

        await Eventually.Holds(() => server.Open == 0, "every connection is closed");
    }

    [Fact]
    public async Task A_tcp_connect_that_blocks_ends_at_the_connect_time_limit()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await AssertBlockedConnectEnds(listener, () => new TcpDialer("127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port));
    }

    [Fact]
    public async Task A_Unix_connect_that_blocks_ends_at_the_connect_time_limit()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("redlock-");
        try
        {
            string path = Path.Combine(folder.FullName, "full.sock");
            using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            await AssertBlockedConnectEnds(listener, () => new UnixDialer(path));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task AssertBlockedConnectEnds(Socket listener, Func<Dialer> dialer)
    {
        listener.Listen(0);
        List<Socket> fillers = [];
        try
        {
            for (int filler = 0; filler < 4; filler++)
            {
                Socket socket = new(listener.AddressFamily, SocketType.Stream, listener.ProtocolType) { Blocking = false };
                fillers.Add(socket);
                try
                {
                    socket.Connect(listener.LocalEndPoint!);
                }
                catch (SocketException full) when (full.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
                {
                }
            }

            RespNode node = new(dialer(), new RespNodeOptions { ConnectTimeLimit = TimeSpan.FromMilliseconds(200) });
            OutcomeRecorder outcomes = new();
            Assert.True(node.Echo(outcomes, 1).IsTaken);
            await outcomes.WaitFor(1);
            Assert.Equal(RequestFailure.NotConnected, outcomes.FailureOf(1));

            // The dial itself must end too, and so must a dispose in the middle of the next one.
            await Eventually.Holds(() => node.State == RespNodeState.Disconnected, "the dial is over");
            await Eventually.Holds(() => node.State == RespNodeState.Connecting, "the next dial");
            await Task.Run(node.Dispose, TestContext.Current.CancellationToken).SoonAsync();

            // The clock's one thread must not hang in it.
            TaskCompletionSource fired = new();
            using ITimer timer = MonotonicTime.Shared.CreateTimer(_ => fired.TrySetResult(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            await fired.Task.SoonAsync();
        }
        finally
        {
            fillers.ForEach(filler => filler.Dispose());
        }
    }

    private sealed class ScriptedEnds(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
