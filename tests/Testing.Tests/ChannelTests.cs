using System.Buffers;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

/// <summary>Channels of the in-memory node and of the scripted node, as several connections see them.</summary>
public sealed class ChannelTests
{
    // What a waiter sends: free or the predecessor's is taken, else the mark is left and the remaining time told.
    private const string Take = """
        local now = redis.call('GET', KEYS[1])
        if not now or now == ARGV[3] then
          redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
          return {1, now and 1 or 0}
        end
        local left = redis.call('PTTL', KEYS[1])
        local mark = left
        if left < 0 then mark = tonumber(ARGV[2]) end
        if mark < 1 then mark = 1 end
        redis.call('SET', KEYS[2], '1', 'PX', tostring(mark))
        return {0, left}
        """;

    // What a holder sends: both keys go, and if both were there, whoever waits is told how many wait.
    private const string Release = """
        local now = redis.call('GET', KEYS[1])
        if not now then return 0 end
        if now ~= ARGV[1] then return -1 end
        if redis.call('DEL', KEYS[1], KEYS[2]) < 2 then return 1 end
        local count = redis.pcall('PUBSUB', 'NUMSUB', KEYS[2])
        local payload = '0'
        if type(count) == 'table' and not count.err then payload = tostring(count[2]) end
        redis.pcall('PUBLISH', KEYS[2], payload)
        return 2
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scripts_of_waiters_and_holders_answer_what_they_answer_in_redis()
    {
        await using StandInPair pair = await StandInPair.StartAsync();
        async Task Compare(string script, params string[] arguments) =>
            await pair.CompareAsync(["EVAL", script, "2", "lock", "lock:waiting", .. arguments]);
        await Compare(Take, "a", "100000000", "");
        await Compare(Release, "b");
        await Compare(Release, "a");
        await Compare(Release, "a");
        await Compare(Take, "a", "100000000", "");
        await Compare(Take, "b", "100000000", "a");
        await pair.CompareAsync("SET", "lock", "c");
        await Compare(Take, "b", "100000000", "");
        await pair.CompareAsync("EXISTS", "lock:waiting");
        await Compare(Release, "c");
        await pair.CompareAsync("EXISTS", "lock", "lock:waiting");
    }

    [Fact]
    public async Task A_release_tells_how_many_wait()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RawClient holder = RawClient.To(node.Endpoint);
        using RawClient first = RawClient.To(node.UnixEndpoint);
        using RawClient second = RawClient.Over(node.Connect());
        await first.ExpectAsync("SUBSCRIBE lock:waiting", "*3\r\n$9\r\nsubscribe\r\n$12\r\nlock:waiting\r\n:1\r\n");
        await second.ExpectAsync("SUBSCRIBE lock:waiting", "*3\r\n$9\r\nsubscribe\r\n$12\r\nlock:waiting\r\n:1\r\n");
        await holder.ExpectAsync("SET lock me", "+OK\r\n");
        await holder.ExpectAsync("SET lock:waiting 1", "+OK\r\n");
        Assert.Equal(":2\r\n", await Evaluate(holder, Release, "me"));
        const string Wake = "*3\r\n$7\r\nmessage\r\n$12\r\nlock:waiting\r\n$1\r\n2\r\n";
        Assert.Equal(Wake, await first.ReadAsync(Wake.Length));
        Assert.Equal(Wake, await second.ReadAsync(Wake.Length));
        node.Faults.RefuseChannels();
        await holder.ExpectAsync("SET lock me", "+OK\r\n");
        await holder.ExpectAsync("SET lock:waiting 1", "+OK\r\n");
        Assert.Equal(":2\r\n", await Evaluate(holder, Release, "me"));
        await first.ExpectAsync("PING", "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
    }

    [Fact]
    public async Task Refused_channels_are_refused_in_the_words_of_redis()
    {
        InstalledRedis.Require();
        await using TempRedis redis = await TempRedis.StartAsync(
            new TempRedisOptions { Configuration = ["user limited on >secret ~* +@all resetchannels"] }, Cancellation);
        await using InMemoryNode node = InMemoryNode.Start();
        node.Faults.RefuseChannels();
        using RawClient real = RawClient.To(redis.Endpoint);
        using RawClient standIn = RawClient.To(node.Endpoint);
        await real.ExpectAsync("AUTH limited secret", "+OK\r\n");
        foreach (string command in (string[])["SUBSCRIBE c", "SUBSCRIBE c d", "PUBLISH c x", "UNSUBSCRIBE c", "PUBSUB NUMSUB c"])
        {
            Assert.Equal(await real.AskAsync(command), await standIn.AskAsync(command));
        }

        foreach (string script in (string[])["return redis.pcall('PUBLISH', KEYS[1], 1)", "return redis.call('PUBLISH', KEYS[1], 1)"])
        {
            Assert.Equal(await Evaluate(real, script), await Evaluate(standIn, script));
        }

        node.Faults.Clear();
        await standIn.ExpectAsync("SUBSCRIBE c", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
    }

    [Fact]
    public async Task Messages_can_be_lost_and_delayed()
    {
        ManualTimeProvider clock = new ManualTimeProvider();
        await using InMemoryNode node = InMemoryNode.Start(new InMemoryNodeOptions { TimeProvider = clock });
        using RawClient listener = RawClient.To(node.Endpoint);
        using RawClient other = RawClient.To(node.Endpoint);
        await listener.ExpectAsync("SUBSCRIBE c", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
        node.Faults.LoseMessages(2);
        await other.ExpectAsync("PUBLISH d lost-by-nobody", ":0\r\n");
        await other.ExpectAsync("PUBLISH c 1", ":1\r\n");
        await other.ExpectAsync("PUBLISH c 2", ":1\r\n");
        node.Faults.MessageDelay = TimeSpan.FromSeconds(1);
        await other.ExpectAsync("PUBLISH c 3", ":1\r\n");
        await listener.ExpectAsync("PING", "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
        clock.Advance(TimeSpan.FromSeconds(1));
        const string Third = "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\n3\r\n";
        Assert.Equal(Third, await listener.ReadAsync(Third.Length));
        await other.ExpectAsync("PUBLISH c 4", ":1\r\n");
        node.Faults.Clear();
        Assert.Equal(TimeSpan.Zero, node.Faults.MessageDelay);
        await other.ExpectAsync("PUBLISH c 5", ":1\r\n");
        const string Fifth = "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\n5\r\n";
        Assert.Equal(Fifth, await listener.ReadAsync(Fifth.Length));
        Assert.Throws<ArgumentOutOfRangeException>(() => node.Faults.LoseMessages(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => node.Faults.MessageDelay = TimeSpan.FromTicks(-1));
    }

    [Fact]
    public async Task Kills_drop_those_who_are_meant_at_once()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RawClient admin = RawClient.To(node.Endpoint);
        using RawClient tcp = RawClient.To(node.Endpoint);
        using RawClient unix = RawClient.To(node.UnixEndpoint);
        using RawClient pipes = RawClient.Over(node.Connect());
        using RawClient bystander = RawClient.To(node.Endpoint);
        foreach (RawClient listener in (RawClient[])[tcp, unix, pipes])
        {
            await listener.ExpectAsync("SUBSCRIBE c", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
        }

        await bystander.ExpectAsync("PING", "+PONG\r\n");
        await admin.ExpectAsync("CLIENT KILL TYPE pubsub", ":3\r\n");
        await admin.ExpectAsync("PUBSUB NUMSUB c", "*2\r\n$1\r\nc\r\n:0\r\n");
        Assert.True(await tcp.IsClosedAsync());
        Assert.True(await unix.IsClosedAsync());
        Assert.True(await pipes.IsClosedAsync());
        await bystander.ExpectAsync("PING", "+PONG\r\n");
        string id = await bystander.AskAsync("CLIENT ID");
        await admin.ExpectAsync($"CLIENT KILL ID {id[1..].Trim()}", ":1\r\n");
        Assert.True(await bystander.IsClosedAsync());
        await admin.ExpectAsync("CLIENT KILL TYPE normal", ":0\r\n");
    }

    [Fact]
    public async Task What_listens_is_forgotten_with_its_connection_and_with_a_restart()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RawClient other = RawClient.To(node.Endpoint);
        using (RawClient listener = RawClient.To(node.Endpoint))
        {
            await listener.ExpectAsync("SUBSCRIBE c", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
            await other.ExpectAsync("PUBLISH c x", ":1\r\n");
        }

        await Eventually.Holds(async () => await other.AskAsync("PUBLISH c x") == ":0\r\n");
        using RawClient last = RawClient.To(node.Endpoint);
        await last.ExpectAsync("SUBSCRIBE c", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
        node.Restart(NodeData.Keep);
        using RawClient later = RawClient.To(node.Endpoint);
        await later.ExpectAsync("PUBLISH c x", ":0\r\n");
    }

    [Fact]
    public async Task A_stalled_node_sends_no_messages_until_it_goes_on()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RawClient listener = RawClient.To(node.Endpoint);
        using RawClient other = RawClient.To(node.Endpoint);
        await listener.ExpectAsync("SUBSCRIBE c", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
        node.Faults.Stall();
        await other.SendAsync("PUBLISH c x");
        await Task.Delay(20, Cancellation);
        listener.ExpectNothing();
        node.Faults.Resume();
        const string Message = "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n";
        Assert.Equal(Message, await listener.ReadAsync(Message.Length));
    }

    [Fact]
    public async Task A_scripted_node_plays_channels_that_are_not_scripted()
    {
        await using ScriptedNode scripted = new ScriptedNode().Expect("SUBSCRIBE", ["refused"], Reply.Error("NOPERM no"));
        RespNode node = scripted.Nodes(1)[0];
        Log log = new Log();
        RespSubscription subscription = node.TrySubscribe("c"u8, log, 1);
        Assert.True(node.TrySubscribe("refused"u8, log, 2).IsTaken);
        await Eventually.Holds(() => log.Lines.Length == 2);
        Assert.Equal(["1 confirmed", "2 Refused"], log.Lines);
        Assert.Equal(1, scripted.Publish("c", "from the test"));
        Assert.Equal(0, scripted.Publish("d", "to nobody"));
        Assert.Equal(1, (await node.SendAsync("PUBLISH", "c", "from a client")).Integer);
        Assert.Equal(1, (await node.SendAsync("PUBSUB", "NUMSUB", "c")).Items[1].Integer);
        await Eventually.Holds(() => log.Lines.Length == 4);
        Assert.Equal(["1 from the test", "1 from a client"], log.Lines[2..]);
        node.Unsubscribe(subscription);
        await Eventually.Holds(() => scripted.Publish("c", "late") == 0);
        scripted.Verify();
        Assert.Equal("1 Unsubscribed", log.Lines[^1]);
    }

    [Fact]
    public void A_path_inside_the_process_tells_as_a_node_does_and_under_no_lock()
    {
        InProcessChannel channel = new InProcessChannel(TimeProvider.System);
        Log log = new Log();
        RespSubscription subscription = channel.TrySubscribe("c"u8, log, 1);
        Assert.Equal(SubscriptionEnd.AlreadySubscribed, channel.TrySubscribe("c"u8, log, 9).Failure);
        Assert.Equal(["1 confirmed"], log.Lines);
        void Send(params string[] words)
        {
            ArrayBufferWriter<byte> frame = new System.Buffers.ArrayBufferWriter<byte>();
            RespWriter.WriteCommand(frame, words);
            channel.TrySend(frame.WrittenSpan, new RespRequest { DeadlineTicks = long.MaxValue });
        }

        Send("PUBLISH", "c", "x");
        Send("PUBLISH", "d", "y");
        Assert.Equal(["1 confirmed", "1 x"], log.Lines);
        channel.Stop();
        channel.TrySubscribe("d"u8, log, 2);
        Assert.Equal(["1 confirmed", "1 x", "1 lost", "2 lost"], log.Lines);
        channel.Start();
        Assert.Equal(["1 confirmed", "2 confirmed"], log.Lines[4..].Order());
        log.Then = line =>
        {
            if (line == "1 stop")
            {
                channel.Unsubscribe(subscription);
                Assert.DoesNotContain("1 Unsubscribed", log.Lines);
                Send("PUBLISH", "c", "unheard");
                Send("PUBLISH", "d", "from within");
                throw new InvalidOperationException("on purpose");
            }
        };
        Send("PUBLISH", "c", "stop");
        Assert.Equal(["1 stop", "1 Unsubscribed", "2 from within"], log.Lines[6..]);
        channel.Unsubscribe(subscription);
        Assert.True(channel.TrySubscribe("c"u8, log, 3).IsTaken);
        Assert.Equal("3 confirmed", log.Lines[^1]);
    }

    private static Task<string> Evaluate(RawClient client, string script, params string[] arguments)
    {
        string[] words = ["EVAL", script, "2", "lock", "lock:waiting", .. arguments];
        return client.AskRawAsync($"*{words.Length}\r\n" + string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n")));
    }

    private sealed class Log : SubscriptionHandler
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

        public string[] Lines => [.. _lines];

        public Action<string>? Then { get; set; }

        public override void OnConfirmed(long tag) => Note($"{tag} confirmed");

        public override void OnMessage(long tag, ReadOnlySpan<byte> payload) =>
            Note($"{tag} {System.Text.Encoding.UTF8.GetString(payload)}");

        public override void OnLost(long tag, string text) => Note($"{tag} lost");

        public override void OnEnded(long tag, SubscriptionEnd reason, string text) => Note($"{tag} {reason}");

        private void Note(string line)
        {
            _lines.Enqueue(line);
            Then?.Invoke(line);
        }
    }
}
