using System.Text;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Resp.Tests;

// Losses, refusals, hostile servers, and the end in every phase.
public sealed class SubscriptionFaultTests
{
    private const string Confirmed = "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n";
    private const string Message = "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n";

    private static readonly RespNodeOptions Quick = new() { MaxReconnectDelay = TimeSpan.FromMilliseconds(40) };

    public enum Phase
    {
        Dialing = 0,
        Handshaking,
        Subscribing,
        Subscribed,
        Unsubscribing,
        Waiting,
    }

    // What a server may answer to SUBSCRIBE, and what the subscriber says to that.
    public static TheoryData<ScriptedTransport, string, string> WrongAnswers
    {
        get
        {
            TheoryData<ScriptedTransport, string, string> data = [];
            foreach (ScriptedTransport transport in Enum.GetValues<ScriptedTransport>())
            {
                data.Add(transport, "+OK\r\n", "SUBSCRIBE was answered with SimpleString that does not confirm it");
                data.Add(
                    transport, "*3\r\n$9\r\nsubscribe\r\n$1\r\nd\r\n:1\r\n", "SUBSCRIBE was answered with Array that does not confirm it");
                data.Add(transport, "*3\r\n$11\r\nunsubscribe\r\n$1\r\nc\r\n:0\r\n", "does not confirm it");
                data.Add(transport, "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n$1\r\n1\r\n", "does not confirm it");
                data.Add(transport, "*2\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n", "does not confirm it");
                data.Add(transport, "*-1\r\n", "does not confirm it");
                data.Add(transport, "*3\r\n*1\r\n:1\r\n$1\r\nc\r\n:1\r\n", "does not confirm it");
                data.Add(transport, "*4\r\n$8\r\npmessage\r\n$2\r\nc*\r\n$1\r\nc\r\n$1\r\nx\r\n", "does not confirm it");
                data.Add(transport, "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n:1\r\n", "does not confirm it");
                data.Add(transport, Confirmed + Confirmed, "no request waits for");
                data.Add(transport, Confirmed + "*4\r\n$8\r\npmessage\r\n$2\r\nc*\r\n$1\r\nc\r\n$1\r\nx\r\n", "no request waits for");
                data.Add(transport, Confirmed + "*3\r\n$8\r\nsmessage\r\n$1\r\nc\r\n$1\r\nx\r\n", "no request waits for");
                data.Add(transport, Confirmed + ">2\r\n$3\r\nfoo\r\n$3\r\nbar\r\n", "RESP3");
                data.Add(transport, Confirmed + "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$99999999\r\n", "MaxBulkBytes");
                data.Add(
                    transport,
                    string.Concat(Enumerable.Repeat("*3\r\n$7\r\nmessage\r\n$1\r\nz\r\n$1\r\nx\r\n", 1025)),
                    "more than 1024 messages to which nobody had subscribed");
                data.Add(transport, "-BUSY Redis is busy running a script.\r\n", "can't serve it now");
                data.Add(transport, "-LOADING Redis is loading the dataset in memory\r\n", "can't serve it now");
                data.Add(transport, "*3\r\n$9\r\nsubscr", "in the middle of a reply");
                data.Add(transport, "", "closed the connection");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(WrongAnswers))]
    public async Task A_wrong_answer_ends_the_connection_is_named_and_the_next_one_is_right(
        ScriptedTransport transport, string answer, string named)
    {
        int subscribers = 0;
        await using ScriptedServer server = new(transport, peer => PlayAsync(peer, async () =>
        {
            if (Interlocked.Increment(ref subscribers) > 1)
            {
                await peer.WriteAsync(Confirmed + Message);
                await peer.DrainAsync();
                return;
            }

            await peer.WriteAsync(answer);
            if (answer.Length > 0 && !answer.EndsWith("subscr", StringComparison.Ordinal))
            {
                await peer.DrainAsync();
            }
        }));
        using RespNode node = new(server.Dialer, Quick);
        await Eventually.Connected(node);
        SubscriptionRecorder recorder = new();
        node.Subscribe("c", recorder);
        await Eventually.Holds(() => recorder.Messages == 1, "heard in the end");
        Assert.Equal(1, recorder.Lost);
        Assert.Contains(named, recorder.LastText, StringComparison.Ordinal);
        Assert.StartsWith(node.Name, recorder.LastText, StringComparison.Ordinal);
        Assert.Equal(
            answer.StartsWith(Confirmed, StringComparison.Ordinal) ? ["confirmed", "lost", "confirmed", "x"] : ["lost", "confirmed", "x"],
            recorder.Of(0));
        Assert.True(node.IsConnected);
    }

    [Theory]
    [InlineData("NOPERM this user has no permissions to run the 'subscribe' command", "+subscribe")]
    [InlineData("ERR unknown command 'SUBSCRIBE', with args beginning with: 'c' ", "ERR unknown command")]
    [InlineData("NOPERM hunter-two may not", "***")]
    public async Task A_refusal_ends_the_subscription_and_not_the_connection(string error, string named)
    {
        await using ScriptedServer server = new(ScriptedTransport.Tcp, async peer =>
        {
            while (await peer.ReadAsync() is { } command)
            {
                await peer.WriteAsync(command[0] != "SUBSCRIBE" ? "+OK\r\n" : command[1] == "c" ? $"-{error}\r\n" : Confirmed.Replace(
                    "$1\r\nc", "$1\r\nd", StringComparison.Ordinal));
            }
        });
        using RespNode node = new(server.Dialer, Quick with { Password = "hunter-two" });
        SubscriptionRecorder recorder = new();
        node.Subscribe("c", recorder, 1);
        node.Subscribe("d", recorder, 2);
        await Eventually.Holds(() => recorder is { Ended: 1, Confirmed: 1 }, "refused, and not");
        Assert.Equal(["ended: Refused"], recorder.Of(1));
        Assert.Equal(["confirmed"], recorder.Of(2));
        Assert.Contains(named, recorder.LastText, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter-two", recorder.LastText, StringComparison.Ordinal);
        Assert.Contains("do without subscriptions", recorder.LastText, StringComparison.Ordinal);
        Assert.True(node.Subscribe("c", recorder, 3).IsTaken);
        await Eventually.Holds(() => recorder.Of(3) is ["ended: Refused"], "asked anew, refused anew");
        Assert.Equal(0, recorder.Lost);
    }

    [Theory]
    [InlineData("+@all resetchannels", "permissions to access ")]
    [InlineData("+@all &* -subscribe", "no permissions to run the 'subscribe' command")]
    [InlineData("+@all resetchannels &right*", "permissions to access ")]
    public async Task A_real_server_refuses_what_its_access_list_forbids(string rights, string named)
    {
        Assert.SkipUnless(TempRedis.IsAvailable(out string reason), reason);
        await using TempRedis redis = await TempRedis.StartAsync(
            new TempRedisOptions { Configuration = [$"user limited on >limited-password ~* {rights}"] },
            TestContext.Current.CancellationToken);
        using RespNode node = new(
            ServerUnderTest.Tcp(redis.Endpoint), new RespNodeOptions { User = "limited", Password = "limited-password" });
        SubscriptionRecorder recorder = new();
        SubscriptionRecorder allowed = new();
        node.Subscribe("wrong", recorder);
        await Eventually.Holds(() => recorder.Ended == 1, "refused");
        Assert.Equal(["ended: Refused"], recorder.Of(0));
        Assert.Contains(named, recorder.LastText, StringComparison.Ordinal);
        Assert.Equal("PONG", (await node.SendAsync("PING")).AsString());
        node.Subscribe("right:1", allowed);
        await Eventually.Holds(() => allowed.Confirmed + allowed.Ended == 1, "told");
        Assert.Equal(rights.EndsWith("right*", StringComparison.Ordinal) ? ["confirmed"] : ["ended: Refused"], allowed.Of(0));
    }

    [Fact]
    public async Task Rights_that_are_taken_away_end_a_subscription()
    {
        Assert.SkipUnless(TempRedis.IsAvailable(out string reason), reason);
        await using TempRedis redis = await TempRedis.StartAsync(
            new TempRedisOptions { Configuration = ["user limited on >limited-password ~* &* +@all"] },
            TestContext.Current.CancellationToken);
        using RespNode admin = new(ServerUnderTest.Tcp(redis.Endpoint));
        using RespNode node = new(ServerUnderTest.Unix(redis.UnixEndpoint), Quick with { User = "limited", Password = "limited-password" });
        SubscriptionRecorder recorder = new();
        node.Subscribe("c", recorder);
        await Eventually.Holds(() => recorder.Confirmed == 1, "confirmed");
        await admin.SendAsync("ACL", "SETUSER", "limited", "resetchannels");
        await Eventually.Holds(() => recorder.Ended == 1, "refused");
        Assert.Equal(["confirmed", "lost", "ended: Refused"], recorder.Of(0));
    }

    [Fact]
    public async Task A_server_that_starts_again_hears_of_all_channels_again()
    {
        Assert.SkipUnless(TempRedis.IsAvailable(out string reason), reason);
        await using TempRedis redis = await TempRedis.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using RespNode tcp = new(ServerUnderTest.Tcp(redis.Endpoint), Quick);
        using RespNode unix = new(ServerUnderTest.Unix(redis.UnixEndpoint), Quick);
        SubscriptionRecorder recorder = new();
        tcp.Subscribe("c", recorder, 1);
        unix.Subscribe("c", recorder, 2);
        for (int round = 1; round <= 3; round++)
        {
            await Eventually.Holds(() => recorder.Confirmed == 2 * round, $"confirmed {round}");
            redis.Kill();
            await Eventually.Holds(() => recorder.Lost == 2 * round, $"lost {round}");
            await redis.RestartAsync(NodeData.Lose, TestContext.Current.CancellationToken);
        }

        await Eventually.Holds(() => recorder.Confirmed == 8, "confirmed at last");
        Assert.Equal(2, (await Eventually.Answered(tcp, "PUBLISH", "c", "x")).Integer);
        await Eventually.Holds(() => recorder.Messages == 2, "heard");
        Assert.Equal(["confirmed", "lost", "confirmed", "lost", "confirmed", "lost", "confirmed", "x"], recorder.Of(1));
    }

    // Twice may be chance, and is tried again; three times in a row is the answer of something that does not know the command.
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_proxy_that_closes_the_connection_at_subscribe_is_a_refusal(int closures)
    {
        int subscribers = 0;
        await using ScriptedServer server = new(ScriptedTransport.Tcp, peer => PlayAsync(peer, async () =>
        {
            if (Interlocked.Increment(ref subscribers) > closures)
            {
                await peer.WriteAsync(Confirmed);
                await peer.DrainAsync();
            }
        }));
        using RespNode node = new(server.Dialer, Quick);
        SubscriptionRecorder recorder = new();
        node.Subscribe("c", recorder);
        await Eventually.Holds(() => recorder.Ended + recorder.Confirmed == 1, "told");
        Assert.Equal(closures == 2 ? ["lost", "confirmed"] : ["lost", "ended: Refused"], recorder.Of(0));
        Assert.True(
            closures == 2 || recorder.LastText.Contains("closed the connection at SUBSCRIBE 3 times in a row", StringComparison.Ordinal));
        Assert.True(node.IsConnected);
    }

    [Fact]
    public async Task A_message_before_the_confirmation_and_one_for_nobody_are_thrown_away()
    {
        await using ScriptedServer server = new(ScriptedTransport.Tcp, peer => PlayAsync(peer, async () =>
        {
            await peer.WriteAsync(Message + Message.Replace("$1\r\nc", "$1\r\nz", StringComparison.Ordinal) + Confirmed + Message);
            await peer.DrainAsync();
        }));
        using RespNode node = new(server.Dialer);
        SubscriptionRecorder recorder = new();
        node.Subscribe("c", recorder);
        await Eventually.Holds(() => recorder.Messages == 1, "heard");
        Assert.Equal(["confirmed", "x"], recorder.Of(0));
    }

    [Theory]
    [InlineData("*2\r\n$4\r\npong\r\n$0\r\n\r\n", true)]
    [InlineData("+PONG\r\n", true)]
    [InlineData("+OK\r\n", false)]
    [InlineData("-ERR no\r\n", false)]
    [InlineData("", false)]
    public async Task A_connection_on_which_nothing_comes_is_asked_and_without_an_answer_made_anew(string pong, bool isAlive)
    {
        // A machine busy with other tests lets an answer wait for a while.
        TimeSpan limit = isAlive ? TimeSpan.FromSeconds(2) : TimeSpan.FromMilliseconds(300);
        int pings = 0;
        await using ScriptedServer server = new(ScriptedTransport.Tcp, peer => PlayAsync(peer, async () =>
        {
            await peer.WriteAsync(Confirmed);
            while (await peer.ReadAsync() is { } command)
            {
                Assert.Equal("PING", command[0]);
                Interlocked.Increment(ref pings);
                if (pong.Length > 0)
                {
                    await peer.WriteAsync(pong);
                }
            }
        }));
        using RespNode node = new(server.Dialer, Quick with { SilenceLimit = limit });
        SubscriptionRecorder recorder = new();
        node.Subscribe("c", recorder);
        await Eventually.Holds(() => recorder.Confirmed == 1, "confirmed");
        if (isAlive)
        {
            await Eventually.Holds(() => Volatile.Read(ref pings) >= 2, "asked again and again");
            Assert.Equal(0, recorder.Lost);
        }
        else
        {
            await Eventually.Holds(() => recorder is { Lost: >= 1, Confirmed: >= 2 }, "made anew");
            Assert.Contains("PING", recorder.LastText, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_stopped_server_is_found_dead_within_the_limit()
    {
        Assert.SkipUnless(TempRedis.IsAvailable(out string reason), reason);
        await using TempRedis redis = await TempRedis.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using RespNode node = new(
            ServerUnderTest.Tcp(redis.Endpoint),
            Quick with { SilenceLimit = TimeSpan.FromSeconds(1), ConnectTimeLimit = TimeSpan.FromMilliseconds(500) });
        SubscriptionRecorder recorder = new();
        node.Subscribe("c", recorder);
        await Eventually.Holds(() => recorder.Confirmed == 1, "confirmed");

        // A dial on a busy machine may have taken too long before.
        int lost = recorder.Lost;
        long start = TimeProvider.System.GetTimestamp();
        redis.Pause();
        await Eventually.Holds(() => recorder.Lost == lost + 1, "lost");

        // One look more than the limit where the machine is busy.
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(3));
        redis.Resume();
        await Eventually.Holds(() => recorder.Confirmed == 2, "confirmed again");
    }

    [Theory]
    [InlineData(Phase.Dialing)]
    [InlineData(Phase.Handshaking)]
    [InlineData(Phase.Subscribing)]
    [InlineData(Phase.Subscribed)]
    [InlineData(Phase.Unsubscribing)]
    [InlineData(Phase.Waiting)]
    public async Task A_disposed_node_ends_every_subscription_once_in_every_phase(Phase phase)
    {
        SemaphoreSlim reached = new(0);
        await using ScriptedServer server = new(ScriptedTransport.Tcp, async peer =>
        {
            if (phase == Phase.Handshaking)
            {
                reached.Release();
                await Task.Delay(Timeout.Infinite, peer.Life);
            }

            await PlayAsync(peer, async () =>
            {
                if (phase is Phase.Subscribed or Phase.Unsubscribing)
                {
                    await peer.WriteAsync(Confirmed);
                }

                reached.Release();
                await peer.DrainAsync();
            });
        });
        Dialer dialer = phase switch
        {
            Phase.Dialing => Dialer.From("slow", async cancellation =>
            {
                reached.Release();
                await Task.Delay(Timeout.Infinite, cancellation);
                throw new IOException();
            }),
            Phase.Waiting => Dialer.From("absent", _ =>
            {
                reached.Release();
                throw new IOException("absent");
            }),
            _ => server.Dialer,
        };
        RespNode node = new(
            dialer, new RespNodeOptions { ReconnectDelay = TimeSpan.FromMinutes(1), MaxReconnectDelay = TimeSpan.FromMinutes(1) });
        SubscriptionRecorder recorder = new();
        RespSubscription subscription = node.Subscribe("c", recorder, 1);
        node.Subscribe("d", recorder, 2);
        await reached.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken);
        if (phase == Phase.Unsubscribing)
        {
            await Eventually.Holds(() => recorder.Confirmed == 1, "confirmed");
            node.Unsubscribe(subscription);
        }

        node.Dispose();
        node.Dispose();

        // One that is being told something at this moment is told the end behind that.
        await Eventually.Holds(() => recorder.Ended == 2, "ended");
        Assert.Equal(phase == Phase.Unsubscribing ? "ended: Unsubscribed" : "ended: Disposed", recorder.Of(1)[^1]);
        Assert.Equal("ended: Disposed", recorder.Of(2)[^1]);
        Assert.Equal(SubscriptionEnd.Disposed, node.Subscribe("e", recorder, 3).Failure);
        await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Equal(2, recorder.Ended);
        node.Unsubscribe(subscription);
        Assert.Equal(2, recorder.Ended);
    }

    [Fact]
    public async Task A_node_disposed_from_within_a_handler_ends_that_subscription_behind_the_call()
    {
        await using InMemoryNode server = InMemoryNode.Start();
        RespNode node = new(server.Dialer);
        SubscriptionRecorder recorder = new();
        recorder.Then = (_, told) =>
        {
            if (told == "confirmed")
            {
                node.Dispose();
                Assert.Equal(0, recorder.Ended);
            }
        };
        node.Subscribe("c", recorder);
        await Eventually.Holds(() => recorder.Ended == 1, "ended");
        Assert.Equal(["confirmed", "ended: Disposed"], recorder.Of(0));
    }

    [Fact]
    public void A_node_without_subscriptions_makes_no_second_connection()
    {
        int dials = 0;
        RespNode node = new(Dialer.From("counted", _ =>
        {
            Interlocked.Increment(ref dials);
            throw new IOException("absent");
        }), new RespNodeOptions { ReconnectDelay = TimeSpan.FromMinutes(1), MaxReconnectDelay = TimeSpan.FromMinutes(1) });
        SpinWait.SpinUntil(() => Volatile.Read(ref dials) == 1, Eventually.Patience);
        node.Unsubscribe(default);
        node.Dispose();
        Assert.Equal(SubscriptionEnd.Disposed, node.TrySubscribe("c"u8, new SubscriptionRecorder(), 0).Failure);
        Assert.Equal(1, dials);
    }

    [Fact]
    public async Task Kills_in_a_storm_of_coming_and_going_lose_nobody()
    {
        await using InMemoryNode server = InMemoryNode.Start();
        using RespNode node = new(
            ServerUnderTest.Tcp(server.Endpoint),
            new RespNodeOptions { MaxReconnectDelay = TimeSpan.FromMilliseconds(5), ReconnectDelay = TimeSpan.FromMilliseconds(1) });
        SubscriptionRecorder recorder = new();
        RespSubscription[] held = new RespSubscription[64];
        Random random = new(7);
        int taken = 0;
        for (int step = 0; step < 20_000; step++)
        {
            int place = random.Next(held.Length);
            if (held[place].IsTaken)
            {
                node.Unsubscribe(held[place]);
                held[place] = default;
            }
            else
            {
                held[place] = node.Subscribe($"c{place}", recorder, taken++);
                Assert.True(held[place].IsTaken);
            }

            if (step % 1_000 == 0)
            {
                await Eventually.Answered(node, "CLIENT", "KILL", "TYPE", "pubsub");
            }
        }

        int living = held.Count(subscription => subscription.IsTaken);
        await Eventually.Holds(
            () => Enumerable.Range(0, held.Length).Count(place => node.Send("PUBLISH", $"c{place}", "x").Integer == 1) == living,
            "those that are held are heard");
        Assert.Equal(taken - living, recorder.Ended);
        Assert.Equal(0, recorder.Overlaps);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_threads_come_and_go_through_kills_until_the_node_is_disposed_under_them(bool isReal)
    {
        const int Threads = 4;
        using ServerUnderTest server = await (isReal ? new RedisOverTcp() : (RespNodeContract)new InMemoryOverTcp()).StartAsync(null);
        using RespNode killer = new(server.Dialer);
        RespNode node = new(
            server.Dialer,
            new RespNodeOptions { MaxReconnectDelay = TimeSpan.FromMilliseconds(5), ReconnectDelay = TimeSpan.FromMilliseconds(1) });
        SubscriptionRecorder recorder = new();
        int taken = 0;
        Thread[] threads = new Thread[Threads];
        for (int index = 0; index < Threads; index++)
        {
            int own = index;
            threads[index] = new Thread(() =>
            {
                Random random = new(own);
                Queue<RespSubscription> held = new();
                while (true)
                {
                    // Some channels are one thread's, some are everybody's.
                    string channel = random.Next(2) == 0 ? $"{own}:{random.Next(20)}" : $"all:{random.Next(3)}";
                    RespSubscription subscription = node.Subscribe(channel, recorder, (random.NextInt64(1L << 40) * Threads) + own);
                    if (subscription.IsTaken)
                    {
                        Interlocked.Increment(ref taken);
                        held.Enqueue(subscription);
                    }
                    else if (subscription.Failure == SubscriptionEnd.Disposed)
                    {
                        return;
                    }

                    if (held.Count > 10)
                    {
                        node.Unsubscribe(held.Dequeue());
                    }
                }
            });
            threads[index].Start();
        }

        for (int kill = 0; kill < 20; kill++)
        {
            await Eventually.Answered(killer, "CLIENT", "KILL", "TYPE", "pubsub");
            await Eventually.Answered(killer, "PUBLISH", "all:1", "x");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        node.Dispose();
        Array.ForEach(threads, thread => thread.Join());
        await Eventually.Holds(() => recorder.Ended == taken, "each has ended, once");
        Assert.True(taken > 1_000);
        Assert.Equal(0, recorder.Overlaps);
    }

    // The connection that subscribes is the one on which the second command is SUBSCRIBE.
    private static async Task PlayAsync(ScriptedPeer peer, Func<Task> subscribed)
    {
        while (await peer.ReadAsync() is { } command)
        {
            if (command[0] == "SUBSCRIBE")
            {
                await subscribed();
                return;
            }

            await peer.WriteAsync(command[0] == "PING" ? "+PONG\r\n" : "+OK\r\n");
        }
    }
}
