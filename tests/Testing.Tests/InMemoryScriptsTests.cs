using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

public sealed class InMemoryScriptsTests
{
    private static string Bulk(string text) => $"${text.Length}\r\n{text}\r\n";

    private static string Load(string text) => $"*3\r\n{Bulk("SCRIPT")}{Bulk("LOAD")}{Bulk(text)}";

    private static string Evaluate(string text, params string[] arguments)
    {
        string frame = $"*{arguments.Length + 3}\r\n{Bulk("EVAL")}{Bulk(text)}{Bulk("1")}";
        foreach (string argument in arguments)
        {
            frame += Bulk(argument);
        }

        return frame;
    }

    [Fact]
    public async Task Release_deletes_only_for_the_owner()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RawClient client = RawClient.To(node.Endpoint);
        string release = RedlockScripts.Release.Sha1;
        Assert.Equal(Bulk(release), await client.AskRawAsync(Load(RedlockScripts.Release.Text)));
        await client.ExpectAsync("SET lock mine", "+OK\r\n");
        await client.ExpectAsync($"EVALSHA {release} 1 lock other", ":-1\r\n");
        await client.ExpectAsync($"EVALSHA {release.ToUpperInvariant()} 1 lock mine", ":1\r\n");
        await client.ExpectAsync($"EVALSHA {release} 1 lock mine", ":0\r\n");
    }

    [Fact]
    public async Task Extend_moves_the_expiry_only_for_the_owner()
    {
        ManualTimeProvider clock = new ManualTimeProvider();
        await using InMemoryNode node = InMemoryNode.Start(new InMemoryNodeOptions { TimeProvider = clock });
        using RawClient client = RawClient.To(node.Endpoint);
        string extend = RedlockScripts.Extend.Sha1;
        await client.AskRawAsync(Load(RedlockScripts.Extend.Text));
        await client.ExpectAsync("SET lock mine PX 100", "+OK\r\n");
        await client.ExpectAsync($"EVALSHA {extend} 1 lock other 500", ":-1\r\n");
        await client.ExpectAsync("PTTL lock", ":100\r\n");
        await client.ExpectAsync($"EVALSHA {extend} 1 lock mine 500", ":1\r\n");
        await client.ExpectAsync("PTTL lock", ":500\r\n");
        clock.Advance(TimeSpan.FromMilliseconds(501));
        await client.ExpectAsync($"EVALSHA {extend} 1 lock mine 500", ":0\r\n");
        await client.ExpectAsync("EXISTS lock", ":0\r\n");
    }

    [Fact]
    public async Task Extend_never_shortens()
    {
        ManualTimeProvider clock = new ManualTimeProvider();
        await using InMemoryNode node = InMemoryNode.Start(new InMemoryNodeOptions { TimeProvider = clock });
        using RawClient client = RawClient.To(node.Endpoint);
        string extend = RedlockScripts.Extend.Sha1;
        await client.AskRawAsync(Load(RedlockScripts.Extend.Text));
        await client.ExpectAsync("SET lock mine PX 60000", "+OK\r\n");
        await client.ExpectAsync($"EVALSHA {extend} 1 lock mine 1000", ":1\r\n");
        await client.ExpectAsync("PTTL lock", ":60000\r\n");
        clock.Advance(TimeSpan.FromMilliseconds(59_500));
        await client.ExpectAsync($"EVALSHA {extend} 1 lock mine 1000", ":1\r\n");
        await client.ExpectAsync("PTTL lock", ":1000\r\n");
        await client.ExpectAsync("SET lock mine", "+OK\r\n");
        await client.ExpectAsync($"EVALSHA {extend} 1 lock mine 1000", ":1\r\n");
        await client.ExpectAsync("PTTL lock", ":1000\r\n");
    }

    [Fact]
    public async Task A_flush_is_answered_with_noscript_until_eval_loads_again()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RawClient client = RawClient.To(node.Endpoint);
        string release = RedlockScripts.Release.Sha1;
        await client.AskRawAsync(Load(RedlockScripts.Release.Text));
        await client.ExpectAsync($"SCRIPT EXISTS {release}", "*1\r\n:1\r\n");
        await client.ExpectAsync("SCRIPT FLUSH SYNC", "+OK\r\n");
        await client.ExpectAsync($"EVALSHA {release} 1 lock mine", "-NOSCRIPT No matching script. Please use EVAL.\r\n");
        Assert.Equal(":0\r\n", await client.AskRawAsync(Evaluate(RedlockScripts.Release.Text, "lock", "mine")));
        await client.ExpectAsync($"EVALSHA {release} 1 lock mine", ":0\r\n");
    }

    [Theory]
    [InlineData("redis.call('SET', KEYS[1], 'x')\nreturn cjson.encode({})", "line 2: 'cjson.encode'")]
    [InlineData("redis.call('SET', KEYS[1], 'x') while true do end", "line 1: 'while'")]
    [InlineData("redis.call('SET', KEYS[1], 'x') for i, key in ipairs(KEYS) do end", "line 1: a 'for' over anything but numbers")]
    [InlineData("redis.call('SET', KEYS[1], 'x') local function f() end", "line 1: 'function'")]
    [InlineData("redis.call('SET', KEYS[1], 'x') return nosuch", "line 1: 'nosuch'")]
    [InlineData("redis.call('SET', KEYS[1], 'x') return 'open", "line 1: a string without an end")]
    [InlineData("redis.call('SET', KEYS[1], 'x') return 1 %% 2", "line 1: '%'")]
    public async Task A_script_that_is_not_understood_is_loaded_and_refused_before_any_of_it_ran(string script, string limit)
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RawClient client = RawClient.To(node.Endpoint);
        string hash = InMemoryScripts.HashOf(script);
        Assert.Equal(Bulk(hash), await client.AskRawAsync(Load(script)));
        foreach (string? reply in new[]
        {
            await client.AskAsync($"EVALSHA {hash} 1 key"),
            await client.AskRawAsync(Evaluate(script, "key")),
        })
        {
            Assert.StartsWith("-ERR this in-memory node is a stand-in", reply, StringComparison.Ordinal);
            Assert.Contains(limit, reply, StringComparison.Ordinal);
        }

        await client.ExpectAsync("EXISTS key", ":0\r\n");
    }

    [Theory]
    [InlineData("x", "-ERR value is not an integer or out of range\r\n")]
    [InlineData("5", "-ERR Number of keys can't be greater than number of args\r\n")]
    [InlineData("-1", "-ERR Number of keys can't be negative\r\n")]
    public async Task A_wrong_number_of_keys_is_refused(string keys, string reply)
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RawClient client = RawClient.To(node.Endpoint);
        string release = RedlockScripts.Release.Sha1;
        await client.AskRawAsync(Load(RedlockScripts.Release.Text));
        await client.ExpectAsync($"EVALSHA {release} {keys} lock mine", reply);
    }

    [Fact]
    public async Task The_stand_in_answers_as_redis_does()
    {
        InstalledRedis.Require();
        await using TempRedis redis = await TempRedis.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using InMemoryNode node = InMemoryNode.Start();
        using RawClient real = RawClient.To(redis.Endpoint);
        using RawClient standIn = RawClient.To(node.Endpoint);
        string release = RedlockScripts.Release.Sha1;
        string extend = RedlockScripts.Extend.Sha1;
        string[] conversation =
        [
            Load(RedlockScripts.Release.Text), Load(RedlockScripts.Extend.Text),
            RawClient.Frame($"SCRIPT EXISTS {release} {extend} ab"),
            RawClient.Frame($"EVALSHA {extend} 1 lock mine 500"),
            RawClient.Frame("SET lock mine NX PX 100000"), RawClient.Frame("SET lock other NX PX 100000"),
            RawClient.Frame($"EVALSHA {extend} 1 lock other 500"), RawClient.Frame($"EVALSHA {extend} 1 lock mine 200000"),
            RawClient.Frame("TTL lock"), RawClient.Frame($"EVALSHA {extend} 1 lock mine 100000"), RawClient.Frame("TTL lock"),
            RawClient.Frame("SET lock mine"), RawClient.Frame($"EVALSHA {extend} 1 lock mine 100000"), RawClient.Frame("TTL lock"),
            RawClient.Frame($"EVALSHA {release} 1 lock other"),
            RawClient.Frame($"EVALSHA {release} 1 lock mine"), RawClient.Frame($"EVALSHA {release} 1 lock mine"),
            RawClient.Frame("SET lock mine"), RawClient.Frame($"EVALSHA {extend} 1 lock mine 0"), RawClient.Frame("EXISTS lock"),
            RawClient.Frame("SET a b NX GET"), RawClient.Frame("SET a c XX GET"), RawClient.Frame("SET a c NX GET"),
            RawClient.Frame("GET a"),
            RawClient.Frame("SET a b PX -1"), RawClient.Frame("SET a b PX 100000 PX 200000"), RawClient.Frame("TTL a"),
            RawClient.Frame("SET a b EX 100 PX 2"), RawClient.Frame("SET a b KEEPTTL KEEPTTL"), RawClient.Frame("SET a b NX NX"),
            RawClient.Frame("EXISTS a a b"), RawClient.Frame("DEL a a b"), RawClient.Frame("DBSIZE x"), RawClient.Frame("TIME x"),
            RawClient.Frame("PEXPIRE a 9223372036854775807"), RawClient.Frame("SET a b"), RawClient.Frame("PEXPIRE a 9223372036854775807"),
            RawClient.Frame("PEXPIRE a -1"), RawClient.Frame("GET a"), RawClient.Frame("SCRIPT FLUSH X"), RawClient.Frame("SCRIPT FOO"),
            RawClient.Frame("COMMAND FOO"), RawClient.Frame("CLIENT SETNAME \u00e9"), RawClient.Frame("SELECT 01"),
            RawClient.Frame("SELECT -1"),
            RawClient.Frame("HELLO 4"), RawClient.Frame("AUTH default any"), RawClient.Frame("FOO \r\n"),
            "GET\r\n", RawClient.Frame("QUIT"),
        ];
        foreach (string words in conversation)
        {
            Assert.Equal((words, await real.AskRawAsync(words)), (words, await standIn.AskRawAsync(words)));
        }
    }
}
