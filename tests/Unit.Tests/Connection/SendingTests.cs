using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// What reaches the transport, in how many writes, and on whose thread.
public sealed class SendingTests
{
    private const int Window = 64 * 1024;

    [Fact]
    public async Task An_idle_connection_sends_on_the_callers_thread_in_one_write()
    {
        RecordingPipe pipe = new();
        using RespNode node = await pipe.ConnectAsync();
        OutcomeRecorder outcomes = new();
        for (int tag = 1; tag <= 20; tag++)
        {
            byte[] frame = Sending.Frame("ECHO", Sending.Text(tag));
            int thread = Environment.CurrentManagedThreadId;
            Assert.True(node.TrySend(frame, Sending.Request(node, outcomes, tag)).IsTaken);
            Assert.Equal(tag, pipe.WriteCount);
            Assert.Equal(thread, pipe.Writes[tag - 1].Thread);
            Assert.Equal(frame, pipe.Writes[tag - 1].Bytes);
            await pipe.AnswerAsync("+OK\r\n");
            await pipe.AtRestAfter(tag + 1);
            Assert.Equal("OK", outcomes.ReplyTo(tag));
            Assert.Equal(0, node.Pending);
        }
    }

    [Fact]
    public async Task Beside_an_unanswered_request_the_caller_leaves_the_sending_to_a_drain()
    {
        RecordingPipe pipe = new();
        using RespNode node = await pipe.ConnectAsync();
        OutcomeRecorder outcomes = new();
        OnAThreadOfItsOwn(caller =>
        {
            Assert.True(node.Echo(outcomes, 1).IsTaken);
            Assert.True(node.Echo(outcomes, 2).IsTaken);
            Assert.True(SpinWait.SpinUntil(() => pipe.WriteCount == 2, Eventually.Patience));
            Assert.Equal(caller, pipe.Writes[0].Thread);
            Assert.NotEqual(caller, pipe.Writes[1].Thread);
        });
    }

    [Fact]
    public async Task Beside_unanswered_requests_a_caller_that_reads_for_itself_sends_for_itself()
    {
        const int Requests = 5;
        RecordingPipe pipe = new();
        using RespNode node = await pipe.ConnectAsync();
        OutcomeRecorder outcomes = new();
        OnAThreadOfItsOwn(caller =>
        {
            RespThread.Enter(RespThreadRole.Caller);
            for (int tag = 1; tag <= Requests; tag++)
            {
                Assert.True(node.Echo(outcomes, tag).IsTaken);
                Assert.Equal(tag, pipe.WriteCount);
                Assert.Equal(caller, pipe.Writes[tag - 1].Thread);
            }
        });
    }

    [Fact]
    public async Task A_caller_sends_no_more_than_what_was_there_when_it_came()
    {
        RecordingPipe pipe = new();
        using RespNode node = await pipe.ConnectAsync();
        OutcomeRecorder outcomes = new();
        pipe.OnWrite = _ =>
        {
            // What comes while the caller sends.
            if (pipe.WriteCount == 0)
            {
                Assert.True(node.Echo(outcomes, 2).IsTaken);
            }
        };
        OnAThreadOfItsOwn(caller =>
        {
            Assert.True(node.Echo(outcomes, 1).IsTaken);
            Assert.True(SpinWait.SpinUntil(() => pipe.WriteCount == 2, Eventually.Patience));
            Assert.Equal(caller, pipe.Writes[0].Thread);
            Assert.NotEqual(caller, pipe.Writes[1].Thread);
        });
    }

    [Fact]
    public async Task What_replies_set_off_goes_out_together_behind_the_last_of_them()
    {
        const int Requests = 20;
        RecordingPipe pipe = new();
        using RespNode node = await pipe.ConnectAsync();
        OutcomeRecorder followers = new();
        bool sentEarly = false;
        OutcomeRecorder outcomes = new()
        {
            Then = tag =>
            {
                Assert.True(node.Echo(followers, tag).IsTaken);
                if (tag == Requests)
                {
                    sentEarly = SpinWait.SpinUntil(() => pipe.WriteCount > 0, TimeSpan.FromMilliseconds(50));
                }
            },
        };
        for (int tag = 1; tag <= Requests; tag++)
        {
            Assert.True(node.Echo(outcomes, tag).IsTaken);
        }

        await Eventually.Holds(
            () => pipe.BytesWritten == Enumerable.Range(1, Requests).Sum(tag => Sending.Frame("ECHO", Sending.Text(tag)).Length),
            "all is out");
        pipe.Forget();
        await pipe.AnswerAsync(string.Concat(Enumerable.Repeat("+OK\r\n", Requests)));
        await outcomes.WaitFor(Requests);
        await Eventually.Holds(() => pipe.WriteCount == 1, "one write for all");
        Assert.False(sentEarly);
    }

    [Fact]
    public async Task What_gathers_behind_a_write_in_progress_goes_out_together()
    {
        const int Requests = 1000;
        RecordingPipe pipe = new();
        using RespNode node = await pipe.ConnectAsync();
        OutcomeRecorder outcomes = new();
        pipe.Hold();
        List<byte> expected = [];
        for (int tag = 0; tag < Requests; tag++)
        {
            expected.AddRange(Sending.Frame("ECHO", Sending.Text(tag)));
            Assert.True(node.Echo(outcomes, tag).IsTaken);
        }

        await Eventually.Holds(() => pipe.WriteCount == 1, "the first write");
        pipe.LetGo();
        await Eventually.Holds(() => pipe.BytesWritten == expected.Count, "everything is out");

        // One write for the rest, or two where it wraps around the ring.
        Assert.InRange(pipe.WriteCount, 2, 3);
        Assert.Equal(expected, pipe.Writes.SelectMany(write => write.Bytes));
        Assert.Equal(Requests, node.Pending);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(1000)]
    [InlineData(Window)]
    public async Task To_a_node_that_answers_nothing_the_window_is_never_exceeded(int payload)
    {
        RecordingPipe pipe = new();
        using RespNode node = await pipe.ConnectAsync(
            new RespNodeOptions { QueueLimits = new RespQueueLimits { OrdinaryRequests = 10_000, WindowBytes = Window } });
        OutcomeRecorder outcomes = new();
        byte[] frame = Sending.Frame("ECHO", new string('x', payload));
        int requests = (3 * Window / frame.Length) + 3;
        long answeredBytes = 0;
        long most = 0;
        pipe.OnWrite = length => most = Math.Max(most, pipe.BytesWritten + length - Volatile.Read(ref answeredBytes));
        for (int tag = 0; tag < requests; tag++)
        {
            Assert.True(node.TrySend(frame, Sending.Request(node, outcomes, tag)).IsTaken);
        }

        long allowed = Math.Max(Window, frame.Length);
        for (int tag = 0; tag < requests; tag++)
        {
            long needed = (tag + 1L) * frame.Length;
            await Eventually.Holds(() => pipe.BytesWritten >= needed, "the frame at the head is out");
            Volatile.Write(ref answeredBytes, needed);
            await pipe.AnswerAsync("+OK\r\n");
        }

        await outcomes.WaitFor(requests);
        outcomes.AssertToldOnce(requests);
        Assert.InRange(most, 1, allowed);
        Assert.Equal((long)requests * frame.Length, pipe.BytesWritten);
    }

    [Theory]
    [InlineData(5, 12, 1024 * 1024, 3 * 1024 * 1024)]
    [InlineData(1000, 2000, 1024, 4096)]
    public async Task A_full_queue_refuses_ordinary_requests_first(int ordinary, int all, int ordinaryBytes, int allBytes)
    {
        RecordingPipe pipe = new();
        using RespNode node = await pipe.ConnectAsync(new RespNodeOptions
        {
            QueueLimits = new RespQueueLimits
            {
                OrdinaryRequests = ordinary,
                AllRequests = all,
                OrdinaryBytes = ordinaryBytes,
                AllBytes = allBytes,
            },
        });
        OutcomeRecorder outcomes = new();
        int size = Sending.Frame("ECHO", "100").Length;
        int roomOrdinary = Math.Min(ordinary, ordinaryBytes / size);
        int roomAll = Math.Min(all - ordinary, (allBytes - ordinaryBytes) / size);
        for (int tag = 0; tag < roomAll; tag++)
        {
            if (tag >= roomOrdinary)
            {
                Assert.Equal(RequestFailure.QueueFull, node.Echo(outcomes, 100 + tag).Failure);
            }

            RequestPriority priority = tag < roomOrdinary ? RequestPriority.Ordinary : RequestPriority.Reserved;
            Assert.True(node.Echo(outcomes, 100 + tag, priority: priority).IsTaken);
        }

        Assert.Equal(RequestFailure.QueueFull, node.Echo(outcomes, 999, priority: RequestPriority.Reserved).Failure);
        Assert.Contains("queue", node.Describe(RequestFailure.QueueFull), StringComparison.Ordinal);
        node.Dispose();
        outcomes.AssertToldOnce(roomAll);
        Assert.All(outcomes.Told, outcome => Assert.Equal(RequestFailure.Disposed, outcome.Failure));
    }

    [Fact]
    public async Task A_frame_of_a_mebibyte_to_a_stalled_node_does_not_block_its_caller()
    {
        // Nothing but the end of the test would end such a block: the node never reads, and no time limit is near.
        await using ScriptedServer server = new(ScriptedTransport.Tcp, async peer =>
        {
            await peer.ShakeHandsAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, peer.Life);
        });
        using RespNode node = new(server.Dialer);
        await Eventually.Connected(node);
        OutcomeRecorder outcomes = new();
        byte[] large = Sending.Frame("ECHO", new string('x', 8 * 1024 * 1024));
        RespRequest request = Sending.Request(node, outcomes, 1, 10 * Eventually.Patience);
        RespTicket ticket = await Task.Run(() => node.TrySend(large, request), TestContext.Current.CancellationToken).SoonAsync();
        Assert.True(ticket.IsTaken);
        node.Dispose();
        Assert.Equal(RequestFailure.Disposed, outcomes.FailureOf(1));
    }

    [Fact]
    public async Task Frames_of_a_mebibyte_to_a_stalled_node_time_out_and_the_node_comes_back()
    {
        await using ScriptedServer server = new(ScriptedTransport.Tcp, async peer =>
        {
            await peer.ShakeHandsAsync();
            if (peer.Number == 1)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, peer.Life);
            }

            await ScriptedServer.Behave(peer);
        });
        CountingTimeProvider clock = new();
        using RespNode node = new(server.Dialer, new RespNodeOptions { TimeProvider = clock });
        await Eventually.Connected(node);
        OutcomeRecorder outcomes = new();
        byte[] large = Sending.Frame("ECHO", new string('x', 1024 * 1024));
        for (int tag = 1; tag <= 8; tag++)
        {
            // More than any socket buffer takes, so a sender does block.
            RespRequest request = Sending.Request(node, outcomes, tag, TimeSpan.FromSeconds(1), RequestPriority.Reserved);
            RespTicket ticket = await Task.Run(() => node.TrySend(large, request), TestContext.Current.CancellationToken).SoonAsync();
            Assert.True(ticket.IsTaken);
        }

        clock.Advance(TimeSpan.FromSeconds(2));
        await outcomes.WaitFor(8);
        Assert.All(outcomes.Told, outcome => Assert.Equal(RequestFailure.TimedOut, outcome.Failure));

        // Past the silence, and not so far that the next dial, which may begin meanwhile, runs out of its own time.
        clock.Advance(TimeSpan.FromSeconds(4));
        await Eventually.Holds(() => node is { Reconnects: 1, IsConnected: true }, "connected again");
        Assert.Equal("again", (await node.SendAsync("ECHO", "again").SoonAsync()).AsString());
        outcomes.AssertToldOnce(8);
    }

    [Fact]
    public async Task A_forgotten_script_is_repeated_once_in_order()
    {
        RespScript script = new("return ARGV[1]");
        List<string[]> seen = [];
        await using ScriptedServer server = new(ScriptedTransport.Pipes, async peer =>
        {
            await peer.ShakeHandsAsync();
            string answers = "";
            while (await peer.ReadAsync() is { } command)
            {
                seen.Add(command);
                bool isForgotten = command[0] == "EVALSHA" || (command[0] == "EVAL" && command[^1] == "twice");
                answers += isForgotten ? "-NOSCRIPT No matching script.\r\n" : $"+{command[^1]}\r\n";

                // None before the four are sent, or what is repeated goes between them.
                if (seen.Count >= 4)
                {
                    await peer.WriteAsync(answers);
                    answers = "";
                }
            }
        });
        using RespNode node = new(server.Dialer);
        OutcomeRecorder outcomes = new();
        node.TrySend(Sending.Frame("EVALSHA", script.Sha1, "0", "once"), WithScript(1));
        node.TrySend(Sending.Frame("EVALSHA", script.Sha1, "0", "twice"), WithScript(2));
        node.Echo(outcomes, 3);
        node.TrySend(Sending.Frame("EVALSHA", script.Sha1, "0", "plain"), Sending.Request(node, outcomes, 4));
        await outcomes.WaitFor(4);
        outcomes.AssertToldOnce(4);
        Assert.Equal([3L, 4L, 1L, 2L], outcomes.Told.Select(outcome => outcome.Tag));
        Assert.Equal("once", outcomes.ReplyTo(1));
        Assert.StartsWith("NOSCRIPT", outcomes.ReplyTo(2), StringComparison.Ordinal);
        Assert.StartsWith("NOSCRIPT", outcomes.ReplyTo(4), StringComparison.Ordinal);
        Assert.Equal(["EVALSHA", "EVALSHA", "ECHO", "EVALSHA", "EVAL", "EVAL"], seen.Select(command => command[0]));
        Assert.Equal(["EVAL", script.Text, "0", "once"], seen[4]);
        Assert.Equal(0, node.Pending);

        RespRequest WithScript(long tag)
        {
            RespRequest request = Sending.Request(node, outcomes, tag);
            return new RespRequest { Handler = outcomes, Tag = tag, DeadlineTicks = request.DeadlineTicks, Script = script };
        }
    }

    // A thread of the pool could be the one that drains later.
    private static void OnAThreadOfItsOwn(Action<int> act)
    {
        Exception? thrown = null;
        Thread thread = new(() => thrown = Record.Exception(() => act(Environment.CurrentManagedThreadId)));
        thread.Start();
        thread.Join();
        Assert.Null(thrown);
    }
}
