using System.Collections.Concurrent;
using System.IO.Pipelines;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Resp.Tests;

public sealed class StressTests
{
    private const int Threads = 32;
    private const int SendsEach = 2_000;

    [Theory]
    [InlineData("pipes", 1)]
    [InlineData("tcp", 2)]
    [InlineData("unix", 3)]
    public async Task Each_handler_is_told_once_and_gets_its_own_reply(string transport, int seed)
    {
        using InMemoryNode server = InMemoryNode.Start();
        Dialer dialer = transport switch
        {
            "tcp" => ServerUnderTest.Tcp(server.Endpoint),
            "unix" => ServerUnderTest.Unix(server.UnixEndpoint),
            _ => Dialer.From("pipes", _ => ValueTask.FromResult<IDuplexPipe>(server.Connect())),
        };
        using RespNode node = new(dialer, new RespNodeOptions
        {
            MaxReconnectDelay = TimeSpan.FromMilliseconds(5),
            ReconnectDelay = TimeSpan.FromMilliseconds(1),
            QueueLimits = new RespQueueLimits { OrdinaryRequests = 500 },
        });
        await Eventually.Connected(node);
        Tally tally = new(Threads * SendsEach);
        int running = Threads;
        Thread[] senders = [.. Enumerable.Range(0, Threads).Select(index => new Thread(() =>
        {
            Send(node, tally, index, new Random((seed * 1000) + index));
            Interlocked.Decrement(ref running);
        }) { IsBackground = true })];
        foreach (Thread sender in senders)
        {
            sender.Start();
        }

        Random faults = new(seed);
        while (Volatile.Read(ref running) > 0)
        {
            switch (faults.Next(4))
            {
                case 0:
                    server.Faults.DropConnection((FaultMoment)faults.Next(2), 1, "ECHO");
                    break;
                case 1:
                    server.Faults.DelayJitter = TimeSpan.FromMilliseconds(faults.Next(5));
                    break;
                case 2:
                    server.Faults.Stall();
                    await Task.Delay(faults.Next(8), TestContext.Current.CancellationToken);
                    server.Faults.Resume();
                    break;
                default:
                    server.Faults.DelayJitter = TimeSpan.Zero;
                    break;
            }

            await Task.Delay(faults.Next(10), TestContext.Current.CancellationToken);
        }

        server.Faults.Clear();
        await Eventually.Holds(() => tally.Missing == 0, $"every request is told; {tally}");
        await Eventually.Holds(() => node.Pending == 0, "nothing pending");
        Assert.Equal("fine", (await Eventually.Answered(node, "ECHO", "fine")).AsString());
        Assert.Empty(tally.Wrong);
        Assert.True(tally.Answered > 0 && node.Reconnects > 0, $"The test proves nothing: {tally}, {node.Reconnects} reconnects");
    }

    private static void Send(RespNode node, Tally tally, int thread, Random random)
    {
        for (int send = 0; send < SendsEach; send++)
        {
            long tag = (thread * (long)SendsEach) + send;
            string text = random.Next(200) == 0 ? $"{tag}:{new string('x', random.Next(100_000))}" : $"{tag}:";
            RespTicket ticket = node.TrySend(Sending.Frame("ECHO", text), new RespRequest
            {
                Handler = tally,
                Tag = tag,
                DeadlineTicks = node.TimeProvider.GetTimestamp()
                    + ClockTicks.Of(node.TimeProvider, TimeSpan.FromMilliseconds(1 + random.Next(50))),
                Priority = (RequestPriority)random.Next(2),
            });
            if (!ticket.IsTaken)
            {
                tally.Refuse(tag);
                Thread.Sleep(random.Next(10) == 0 ? 1 : 0);
            }
        }
    }

    private sealed class Tally(int requests) : ReplyHandler
    {
        private readonly int[] _told = new int[requests];
        private int _missing = requests;
        private int _answered;

        public int Missing => Volatile.Read(ref _missing);

        public int Answered => Volatile.Read(ref _answered);

        public ConcurrentQueue<string> Wrong { get; } = new();

        public void Refuse(long tag) => Count(tag);

        public override void OnReply(long tag, in RespReply reply)
        {
            Count(tag);
            Interlocked.Increment(ref _answered);
            if (!reply.Bytes.StartsWith(Sending.Utf8($"{tag}:")))
            {
                Wrong.Enqueue($"{tag} got {reply.ToValue()}");
            }
        }

        public override void OnFailure(long tag, RequestFailure failure)
        {
            Count(tag);
            if (failure is not (RequestFailure.TimedOut or RequestFailure.TimedOutUnsent or RequestFailure.ConnectionLost
                or RequestFailure.NotConnected))
            {
                Wrong.Enqueue($"{tag} failed as {failure}");
            }
        }

        public override string ToString() => $"{Missing} missing, {Answered} answered";

        private void Count(long tag)
        {
            if (Interlocked.Increment(ref _told[tag]) != 1)
            {
                Wrong.Enqueue($"{tag} was told twice");
            }

            Interlocked.Decrement(ref _missing);
        }
    }
}
