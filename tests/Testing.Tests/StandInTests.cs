using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

/// <summary>The same conversations with an in-memory node and with a real server: every reply is the same, byte by byte.</summary>
public sealed class StandInTests
{
    // Lines as typed into a terminal. Keys live for minutes, and TTL is asked for in seconds, so that a slow machine changes no reply.
    private static readonly string[] _conversations =
    [
        """
        SET k v
        SET k v NX
        SET k w XX
        SET nosuch w XX
        SET k v NX XX
        SET k v GET
        SET k v NX GET
        SET k v EXAT 99999999999
        TTL k
        SET k v PXAT 99999999999999
        PTTL nosuch
        SET k v EXAT 1
        GET k
        SET k v EXAT 0
        SET k v EXAT -5
        SET k v PXAT 9223372036854775807
        SET k v EXAT 9223372036854775807
        SET k v EX 9223372036854775807
        SET k v EX 9223372036854775
        SET k v EX 1 PXAT 4
        SET k v EXAT 1 EX 2
        SET k v EX 100 EX 200
        TTL k
        SET k v GET KEEPTTL
        TTL k
        SET k v KEEPTTL EX 3
        SET k v KEEPTTL KEEPTTL
        SET k v IFEQ v
        DELIFEQ k v
        DELEX k IFEQ v
        SET k v EX
        SET k v EX a
        SET k v EX 0
        SET k v PX 010
        SET k v FOO
        SET k
        SETEX k 0 v
        SETEX k a v
        SETEX k 9223372036854775807 v
        SETEX k 100 v
        TTL k
        PSETEX k 9223372036854775807 v
        PSETEX k 0 v
        PSETEX k 200000 v
        TTL k
        GET k
        EXISTS k k j
        DEL k k j
        DEL
        SET a 1
        SET b 2
        UNLINK a b a c
        UNLINK
        GET a
        DBSIZE
        """,
        """
        SET k v
        EXPIRE k
        EXPIRE k a
        EXPIRE k 100 NX
        EXPIRE k 100 nx
        TTL k
        EXPIRE k 200 XX
        EXPIRE k 100 GT
        EXPIRE k 300 GT
        EXPIRE k 400 LT
        TTL k
        EXPIRE k 100 LT
        EXPIRE k 100 NX XX
        EXPIRE k 100 NX GT
        EXPIRE k 100 GT LT
        EXPIRE k 100 XX GT FOO
        EXPIRE k 100 FOO
        EXPIRE nosuch 100 FOO
        EXPIRE nosuch a
        EXPIRE nosuch 100
        EXPIRE k 9223372036854775807
        EXPIRE k 9223372036854775
        EXPIRE k -9223372036854775808
        TTL k
        PERSIST k
        PERSIST k
        PERSIST nosuch
        EXPIRE k 100 GT
        EXPIRE k 100 XX
        EXPIRE k 100 LT
        TTL k
        EXPIRE k 0
        EXISTS k
        SET k v
        PEXPIRE k 9223372036854775807
        PEXPIRE k 100000 XX
        PEXPIRE k 100000 NX
        PEXPIRE k 200000 GT
        TTL k
        PEXPIRE k -9223372036854775808
        EXISTS k
        SET k v
        EXPIREAT k 9223372036854775807
        EXPIREAT k 99999999999 NX
        TTL nosuch
        PEXPIREAT k 9223372036854775807 GT
        PEXPIREAT k -1
        EXISTS k
        EXPIREAT nosuch 1
        PEXPIREAT nosuch 1 GT LT
        """,
        """
        EXEC
        DISCARD
        MULTI
        MULTI
        SET k v
        GET k
        WATCH k
        EXEC
        MULTI
        CLIENT NOSUCH
        SET k w
        EXEC
        MULTI
        CLIENT SETNAME
        EXEC
        MULTI
        CLIENT
        EXEC
        MULTI
        SCRIPT NOSUCH
        EXEC
        MULTI
        NOSUCH
        PING
        EXEC
        MULTI
        EXPIRE k
        EXEC
        MULTI
        SET k w PX nonsense
        SELECT 99
        GET k
        EXEC
        MULTI
        DEL k
        DISCARD
        WATCH k j
        MULTI
        GET k
        EXEC
        WATCH k
        SET k other
        MULTI
        GET k
        EXEC
        WATCH k
        UNWATCH
        SET k again
        MULTI
        UNLINK k
        EXPIRE k 10
        PING x
        EXEC
        MULTI
        EVAL "return redis.call('SET', KEYS[1], 'v')" 1 k
        CLIENT SETNAME me
        CLIENT GETNAME
        SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db
        EXEC
        WATCH
        WATCH absent
        SET absent v
        DEL absent
        MULTI
        PING
        EXEC
        SET k v
        WATCH k
        PERSIST k
        MULTI
        PING
        EXEC
        WATCH k
        DEL k
        SET k v
        MULTI
        PING
        EXEC
        WATCH k
        EXPIRE k 100
        MULTI
        PING
        EXEC
        WATCH k
        FLUSHALL
        MULTI
        PING
        EXEC
        WATCH absent
        FLUSHALL
        MULTI
        PING
        EXEC
        """,
        """
        PING
        ping
        PING x
        PING x y
        ECHO x
        ECHO
        SELECT a
        SELECT 16
        SELECT -1
        SELECT 01
        SELECT 3
        SET k v
        DBSIZE
        SELECT 0
        DBSIZE
        GET k
        FLUSHDB x
        FLUSHDB ASYNC
        FLUSHALL async sync
        FLUSHALL SYNC
        FLUSHALL
        CLIENT
        CLIENT NOSUCH a b
        CLIENT ID x
        CLIENT GETNAME
        client setname me
        CLIENT GETNAME
        CLIENT GETNAME x
        CLIENT SETNAME "a b"
        CLIENT SETNAME ""
        CLIENT GETNAME
        SCRIPT
        SCRIPT NOSUCH
        SCRIPT LOAD
        SCRIPT LOAD "return 1"
        SCRIPT EXISTS
        SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db x
        SCRIPT FLUSH x
        SCRIPT FLUSH sync x
        SCRIPT FLUSH sync
        SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db
        HELLO 4
        HELLO 1
        HELLO a
        HELLO 2 FOO
        HELLO 2 SETNAME
        HELLO 2 SETNAME "a b"
        HELLO 2 AUTH a
        HELLO 2 AUTH nobody b
        AUTH a
        AUTH a b
        AUTH default b
        AUTH a b c
        AUTH
        COMMAND COUNT x
        COMMAND NOSUCH
        DBSIZE x
        TIME x
        TTL
        NOSUCH
        nosuch a "b c" d
        "quoted" x
        """,
        """
        SET "a b" "c\x41\n\t\"" EX "1000"
        GET "a b"
        GET 'a b'
        SET 'it\'s' "it's" EX 1000
        GET "it's"
        GET 'a\n'
        SET "" ""
        GET ""
            GET     ""
        SET a"b" c
        GET ab
        GET 'unbalanced
        """,
        """
        PUBLISH c x
        PUBLISH c
        PUBSUB NUMSUB
        PUBSUB NUMSUB c d c
        PUBSUB NUMPAT
        PUBSUB
        PUBSUB NOSUCH
        SUBSCRIBE
        SUBSCRIBE c
        SUBSCRIBE c
        subscribe "a b"
        SUBSCRIBE ""
        GET k
        GET
        NOSUCH
        CLIENT ID
        CLIENT NOSUCH
        PUBLISH c x
        MULTI
        PING
        PING hello
        PING a b
        ECHO x
        UNSUBSCRIBE nosuch
        UNSUBSCRIBE c
        UNSUBSCRIBE "a b"
        UNSUBSCRIBE
        UNSUBSCRIBE
        UNSUBSCRIBE c
        PING
        SET k v
        CLIENT KILL
        CLIENT KILL 1.2.3.4:5
        CLIENT KILL TYPE pubsub
        CLIENT KILL TYPE normal
        CLIENT KILL TYPE replica
        CLIENT KILL TYPE nosuch
        CLIENT KILL ID 99999
        MULTI
        PUBLISH c x
        PUBSUB NUMSUB c
        EXEC
        MULTI
        SUBSCRIBE q
        PUBLISH q me
        EXEC
        GET k
        """,
        """
        SUBSCRIBE c
        QUIT
        """,
        "GET \"a\"b",
        "QUIT",
    ];

    public static TheoryData<int> Conversations => [.. Enumerable.Range(0, _conversations.Length)];

    [Theory]
    [MemberData(nameof(Conversations))]
    public async Task Every_reply_is_what_redis_answers(int conversation)
    {
        await using StandInPair pair = await StandInPair.StartAsync();
        foreach (string line in _conversations[conversation].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await pair.CompareAsync(line);
        }
    }

    [Theory]
    [InlineData("return redis.call('nosuch')")]
    [InlineData("return redis.call('GET')")]
    [InlineData("return redis.pcall('GET')")]
    [InlineData("return redis.call('MULTI')")]
    [InlineData("return redis.call('CLIENT', 'ID')")]
    [InlineData("return redis.call('CLIENT', 'NOSUCH')")]
    [InlineData("return redis.call()")]
    [InlineData("return redis.call('GET', nil)")]
    [InlineData("return redis.call('GET', {})")]
    [InlineData("return redis.call('SET', 'a', 'b', 'PX', 'x')")]
    [InlineData("\n\nreturn redis.call('SET', 'a', 'b', 'PX', 'x')")]
    [InlineData("return redis.pcall('SET', 'a', 'b', 'PX', 'x')")]
    [InlineData("return redis.pcall('SET', 'a', 'b', 'PX', 'x').err")]
    [InlineData("return redis.pcall('SET', 'a', 'b').ok")]
    [InlineData("local r = redis.pcall('SET', 'a', 'b', 'XX') if r then return 'set' else return 'not' end")]
    [InlineData("local r = redis.pcall('NOSUCH') if type(r) == 'table' and r.err then return -1 end return 1")]
    [InlineData("return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) and 1 or 0")]
    [InlineData("redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1]) == ARGV[1]")]
    [InlineData(
        "redis.call('SET', KEYS[1], 'x') return {redis.call('GET', KEYS[1]), redis.call('DEL', KEYS[1]), redis.call('GET', KEYS[1])}")]
    [InlineData("redis.call('SELECT', 3) return redis.call('SET', KEYS[1], 'v')")]
    [InlineData("return redis.call('PUBLISH', KEYS[1], 'x')")]
    [InlineData("return redis.pcall('PUBLISH', KEYS[1], 1)")]
    [InlineData("return redis.call('PUBLISH', KEYS[1])")]
    [InlineData("return redis.call('PUBSUB', 'NUMSUB', KEYS[1])")]
    [InlineData("return redis.call('PUBSUB', 'NUMSUB', KEYS[1])[2]")]
    [InlineData("local n = redis.pcall('PUBSUB', 'NUMSUB', KEYS[1]) return redis.pcall('PUBLISH', KEYS[1], n[2] or 0)")]
    [InlineData("return redis.call('SUBSCRIBE', KEYS[1])")]
    [InlineData("return redis.pcall('UNSUBSCRIBE')")]
    [InlineData("return redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')")]
    [InlineData("return redis.call('ECHO', 1.5)")]
    [InlineData("return redis.call('ECHO', 123456789012)")]
    [InlineData("return redis.call('ECHO', 123456789012345678)")]
    [InlineData("return redis.call('ECHO', -0.1)")]
    [InlineData("return redis.error_reply('MY error')")]
    [InlineData("return redis.error_reply('-MY error')")]
    [InlineData("return redis.error_reply('MY')")]
    [InlineData("return redis.status_reply('fine')")]
    [InlineData("return {err = 'X y'}")]
    [InlineData("return {ok = 'fine'}")]
    [InlineData("return {a = 1}")]
    [InlineData("return {1, 2, {3, 'a'}, nil, 4}")]
    [InlineData("return {}")]
    [InlineData("return 3.99")]
    [InlineData("return -3.99")]
    [InlineData("return true")]
    [InlineData("return false")]
    [InlineData("return nil")]
    [InlineData("return")]
    [InlineData("")]
    [InlineData("return 1 == 1, 2")]
    [InlineData("return not nil == true")]
    [InlineData("return 1 + 2 * 3 - 4 / 2")]
    [InlineData("return -2 - -3")]
    [InlineData("return (1 + 2) * 3")]
    [InlineData("return 'a' .. 1.5 .. 3")]
    [InlineData("return 1 < 2 and 'a' < 'b' and 'B' <= 'a' and 2 >= 2 and 3 > 2 and 1 ~= 2")]
    [InlineData("return '10' == 10")]
    [InlineData("return '10' + 5")]
    [InlineData("return 1 < nil")]
    [InlineData("return 1 > nil")]
    [InlineData("return 1 < 'a'")]
    [InlineData("return {} < {}")]
    [InlineData("return 1 + 'a'")]
    [InlineData("return 'a' .. nil")]
    [InlineData("return #5")]
    [InlineData("return #'abc' + #ARGV + #KEYS")]
    [InlineData("return -{}")]
    [InlineData("return KEYS.x.y")]
    [InlineData("return KEYS[9][1]")]
    [InlineData("return KEYS[1][1]")]
    [InlineData("local v = nil return v.x")]
    [InlineData("local v = redis.call('GET', KEYS[1]) return v.x")]
    [InlineData("return tonumber('abc')")]
    [InlineData("return tonumber('  12 ')")]
    [InlineData("return tonumber('0x10')")]
    [InlineData("return tonumber(ARGV[2]) + 1")]
    [InlineData("return tostring(1e15)")]
    [InlineData("return tostring(0.1) .. tostring(nil) .. tostring(true)")]
    [InlineData("return {type(1), type('a'), type(nil), type({}), type(true)}")]
    [InlineData("return {math.floor(2.7), math.max(1, 5, 3), math.min(4, 2)}")]
    [InlineData("local n = 0 for i = 1, #ARGV do n = n + i end return n")]
    [InlineData("for i = 1, 10 do if i == 3 then return i end end return 0")]
    [InlineData("local a = 1 do local a = 2 end return a")]
    [InlineData("local a = 1 if a == 2 then return 'two' elseif a == 1 then return 'one' else return 'none' end")]
    [InlineData("-- a comment\nlocal a = 1; -- another\nreturn a;")]
    [InlineData("return \"it's\\n\\\"quoted\\\"\"")]
    public async Task A_script_answers_what_it_answers_in_redis(string script)
    {
        await using StandInPair pair = await StandInPair.StartAsync();
        await pair.CompareAsync("EVAL", script, "1", "key", "mine", "100000");
        await pair.CompareAsync("GET", "key");
        await pair.CompareAsync("EVALSHA", InMemoryScripts.HashOf(script), "0");
    }

    [Fact]
    public async Task Commands_of_any_kind_and_order_leave_both_in_the_same_state()
    {
        await using StandInPair pair = await StandInPair.StartAsync();
        Random random = new Random(31);
        for (int i = 0; i < 4000; i++)
        {
            await pair.CompareAsync(RandomCommand.Next(random));
        }
    }

    // What they answer names the server or the moment.
    [Theory]
    [InlineData("HELLO 2", "*14")]
    [InlineData("HELLO", "*14")]
    [InlineData("CLIENT ID", ":")]
    [InlineData("TIME", "*2")]
    [InlineData("INFO", "$")]
    [InlineData("COMMAND COUNT", ":")]
    public async Task Where_replies_must_differ_they_have_one_shape(string words, string start)
    {
        await using StandInPair pair = await StandInPair.StartAsync();
        (string? real, string? standIn) = await pair.AskBothAsync(words.Split(' '));
        Assert.StartsWith(start, real, StringComparison.Ordinal);
        Assert.StartsWith(start, standIn, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_large_is_taken_as_redis_takes_it()
    {
        await using StandInPair pair = await StandInPair.StartAsync();
        string value = new string('x', 3 * 1024 * 1024);
        await pair.CompareAsync("SET", "large", value);
        await pair.CompareAsync("GET", "large");
        await pair.CompareAsync(["DEL", .. Enumerable.Repeat(value, 8)]);
    }

    [Fact]
    public void Every_command_is_compared_and_listed()
    {
        string text = string.Join('\n', _conversations).ToUpperInvariant();
        string list = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "testing.md"));
        string[] shaped =
            ["hello", "client|id", "time", "info", "command|count", "command|docs", "client|setinfo", "eval", "evalsha", "command"];
        foreach (string name in InMemoryCommands.Names)
        {
            string words = name.ToUpperInvariant().Replace('|', ' ');
            Assert.Contains($"`{words}`", list, StringComparison.Ordinal);
            Assert.True(
                shaped.Contains(name) || text.Contains($"\n{words}", StringComparison.Ordinal),
                $"{words} is compared with no real server.");
        }
    }
}
