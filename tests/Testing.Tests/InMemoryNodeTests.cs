using System.Net.Sockets;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

public sealed class InMemoryNodeTests
{
    [Theory]
    [InlineData("PING", "+PONG\r\n")]
    [InlineData("ping", "+PONG\r\n")]
    [InlineData("PING hello", "$5\r\nhello\r\n")]
    [InlineData("PING a b", "-ERR wrong number of arguments for 'ping' command\r\n")]
    [InlineData("ECHO hello", "$5\r\nhello\r\n")]
    [InlineData("GET", "-ERR wrong number of arguments for 'get' command\r\n")]
    [InlineData("GET nothing", "$-1\r\n")]
    [InlineData("FOO a b", "-ERR unknown command 'FOO', with args beginning with: 'a' 'b' \r\n")]
    [InlineData("SELECT 15", "+OK\r\n")]
    [InlineData("SELECT 16", "-ERR DB index is out of range\r\n")]
    [InlineData("SELECT x", "-ERR value is not an integer or out of range\r\n")]
    [InlineData("SET key value", "+OK\r\n")]
    [InlineData("SET key value NX PX 1000", "+OK\r\n")]
    [InlineData("SET key value XX", "$-1\r\n")]
    [InlineData("SET key value NX XX", "-ERR syntax error\r\n")]
    [InlineData("SET key value PX", "-ERR syntax error\r\n")]
    [InlineData("SET key value PX 10 EX 1", "-ERR syntax error\r\n")]
    [InlineData("SET key value PX 10 KEEPTTL", "-ERR syntax error\r\n")]
    [InlineData("SET key value PX 0", "-ERR invalid expire time in 'set' command\r\n")]
    [InlineData("SET key value PX 010", "-ERR value is not an integer or out of range\r\n")]
    [InlineData("SET key value PX 9223372036854775807", "-ERR invalid expire time in 'set' command\r\n")]
    [InlineData("SETEX key 0 value", "-ERR invalid expire time in 'setex' command\r\n")]
    [InlineData("PSETEX key x value", "-ERR value is not an integer or out of range\r\n")]
    [InlineData("PSETEX key 100 value", "+OK\r\n")]
    [InlineData("SET key value GET", "$-1\r\n")]
    [InlineData("DEL a b", ":0\r\n")]
    [InlineData("EXISTS a b", ":0\r\n")]
    [InlineData("TTL a", ":-2\r\n")]
    [InlineData("PTTL a", ":-2\r\n")]
    [InlineData("PEXPIRE a 100", ":0\r\n")]
    [InlineData("PEXPIRE a x", "-ERR value is not an integer or out of range\r\n")]
    [InlineData("DBSIZE", ":0\r\n")]
    [InlineData("FLUSHALL", "+OK\r\n")]
    [InlineData("FLUSHALL X", "-ERR syntax error\r\n")]
    [InlineData("FLUSHDB ASYNC", "+OK\r\n")]
    [InlineData("COMMAND DOCS", "*0\r\n")]
    [InlineData("CLIENT GETNAME", "$-1\r\n")]
    [InlineData("CLIENT SETNAME worker", "+OK\r\n")]
    [InlineData("CLIENT SETNAME", "-ERR wrong number of arguments for 'client|setname' command\r\n")]
    [InlineData("CLIENT SETINFO lib-name x", "+OK\r\n")]
    [InlineData("CLIENT FOO", "-ERR unknown subcommand 'FOO'. Try CLIENT HELP.\r\n")]
    [InlineData("HELLO 3", "-NOPROTO unsupported protocol version\r\n")]
    [InlineData("HELLO x", "-ERR Protocol version is not an integer or out of range\r\n")]
    [InlineData("HELLO 2 FOO", "-ERR Syntax error in HELLO option 'FOO'\r\n")]
    [InlineData("HELLO 2", "*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n$5\r\nproto\r\n:2\r\n$2\r\nid\r\n"
        + ":1\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n")]
    [InlineData("AUTH x", "-ERR AUTH <password> called without any password configured for the default user. Are you sure your "
        + "configuration is correct?\r\n")]
    [InlineData("AUTH nobody x", "-WRONGPASS invalid username-password pair or user is disabled.\r\n")]
    [InlineData("SCRIPT EXISTS ab", "*1\r\n:0\r\n")]
    [InlineData("SCRIPT FLUSH", "+OK\r\n")]
    [InlineData("EVALSHA ab 0", "-NOSCRIPT No matching script. Please use EVAL.\r\n")]
    public async Task A_command_is_answered_to_the_byte(string words, string reply)
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RawClient client = RawClient.To(node.Endpoint);
        await client.ExpectAsync(words, reply);
    }

    [Fact]
    public async Task Tcp_unix_socket_and_pipe_reach_the_same_keys()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RawClient tcp = RawClient.To(node.Endpoint);
        using RawClient unix = RawClient.To(node.UnixEndpoint);
        using RawClient pipe = RawClient.Over(node.Connect());
        await tcp.ExpectAsync("SET key value NX", "+OK\r\n");
        await unix.ExpectAsync("SET key other NX", "$-1\r\n");
        await pipe.ExpectAsync("GET key", "$5\r\nvalue\r\n");
        await pipe.ExpectAsync("DEL key", ":1\r\n");
        await unix.ExpectAsync("EXISTS key", ":0\r\n");
    }

    [Fact]
    public async Task Commands_that_come_together_are_answered_in_order_and_one_cut_anywhere_is_waited_for()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RawClient client = RawClient.To(node.Endpoint);
        await client.SendRawAsync(RawClient.Frame("SET a 1") + RawClient.Frame("GET a") + RawClient.Frame("DEL a") + "PING\r\n\r\n*0\r\n"
            + RawClient.Frame("PING"));
        const string replies = "+OK\r\n$1\r\n1\r\n:1\r\n+PONG\r\n+PONG\r\n";
        Assert.Equal(replies, await client.ReadAsync(replies.Length));

        foreach (char character in RawClient.Frame("ECHO hello"))
        {
            await client.SendRawAsync(character.ToString());
        }

        Assert.Equal("$5\r\nhello\r\n", await client.ReadReplyAsync());
    }

    [Theory]
    [InlineData("*x\r\n")]
    [InlineData("*1\r\n:3\r\n")]
    [InlineData("*1\r\n$-1\r\n")]
    public async Task What_is_no_command_is_refused_and_ends_the_connection(string bytes)
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RawClient client = RawClient.To(node.Endpoint);
        await client.SendRawAsync(bytes);
        Assert.StartsWith("-ERR Protocol error", await client.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task Databases_are_apart()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RawClient client = RawClient.To(node.Endpoint);
        await client.ExpectAsync("SET key value", "+OK\r\n");
        await client.ExpectAsync("SELECT 3", "+OK\r\n");
        await client.ExpectAsync("GET key", "$-1\r\n");
        await client.ExpectAsync("SET key other", "+OK\r\n");
        await client.ExpectAsync("FLUSHDB", "+OK\r\n");
        await client.ExpectAsync("SELECT 0", "+OK\r\n");
        await client.ExpectAsync("DBSIZE", ":1\r\n");
        Assert.Contains("db0:keys=1,expires=0", await client.AskAsync("INFO keyspace"), StringComparison.Ordinal);
        Assert.Contains("run_id:", await client.AskAsync("INFO"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_lives_through_the_millisecond_it_expires_in()
    {
        ManualTimeProvider clock = new ManualTimeProvider();
        await using InMemoryNode node = InMemoryNode.Start(new InMemoryNodeOptions { TimeProvider = clock });
        using RawClient client = RawClient.To(node.Endpoint);
        await client.ExpectAsync("SET key one NX PX 100", "+OK\r\n");
        await client.ExpectAsync("PTTL key", ":100\r\n");
        clock.Advance(TimeSpan.FromMilliseconds(100));
        await client.ExpectAsync("SET key two NX PX 100", "$-1\r\n");
        await client.ExpectAsync("PTTL key", ":0\r\n");
        clock.Advance(TimeSpan.FromMilliseconds(1));
        await client.ExpectAsync("GET key", "$-1\r\n");
        await client.ExpectAsync("SET key two NX EX 2", "+OK\r\n");
        await client.ExpectAsync("TTL key", ":2\r\n");
        await client.ExpectAsync("SET key three KEEPTTL", "+OK\r\n");
        await client.ExpectAsync("PTTL key", ":2000\r\n");
        await client.ExpectAsync("SET key four", "+OK\r\n");
        await client.ExpectAsync("PTTL key", ":-1\r\n");
        await client.ExpectAsync("PEXPIRE key 50", ":1\r\n");
        await client.ExpectAsync("PTTL key", ":50\r\n");
        await client.ExpectAsync("PEXPIRE key 0", ":1\r\n");
        await client.ExpectAsync("EXISTS key", ":0\r\n");
        await client.ExpectAsync("TIME", "*2\r\n$9\r\n946684800\r\n$6\r\n101000\r\n");
    }

    [Fact]
    public async Task A_password_is_asked_for_and_either_user_gets_in()
    {
        await using InMemoryNode node = InMemoryNode.Start(
            new InMemoryNodeOptions { Password = "pw", User = "worker", UserPassword = "secret" });
        using RawClient client = RawClient.To(node.Endpoint);
        await client.ExpectAsync("PING", "-NOAUTH Authentication required.\r\n");
        await client.ExpectAsync("FOO", "-ERR unknown command 'FOO', with args beginning with: \r\n");
        Assert.StartsWith("-NOAUTH HELLO must be called", await client.AskAsync("HELLO 2"), StringComparison.Ordinal);
        await client.ExpectAsync("AUTH wrong", "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
        await client.ExpectAsync("AUTH worker pw", "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
        await client.ExpectAsync("AUTH a b c", "-ERR syntax error\r\n");
        await client.ExpectAsync("PING", "-NOAUTH Authentication required.\r\n");
        await client.ExpectAsync("AUTH pw", "+OK\r\n");
        await client.ExpectAsync("PING", "+PONG\r\n");

        using RawClient other = RawClient.To(node.UnixEndpoint);
        await other.ExpectAsync("AUTH worker secret", "+OK\r\n");
        await other.ExpectAsync("PING", "+PONG\r\n");

        using RawClient greeted = RawClient.Over(node.Connect());
        Assert.StartsWith("*14\r\n", await greeted.AskAsync("HELLO 2 AUTH default pw SETNAME me"), StringComparison.Ordinal);
        await greeted.ExpectAsync("CLIENT GETNAME", "$2\r\nme\r\n");
    }

    [Fact]
    public async Task Quit_is_answered_and_ends_the_connection()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RawClient client = RawClient.To(node.Endpoint);
        await client.SendRawAsync(RawClient.Frame("QUIT") + RawClient.Frame("SET key value"));
        Assert.Equal("+OK\r\n", await client.ReadReplyAsync());
        Assert.True(await client.IsClosedAsync());
        using RawClient other = RawClient.To(node.Endpoint);
        await other.ExpectAsync("EXISTS key", ":0\r\n");
    }

    [Theory]
    [InlineData(NodeData.Keep, ":1\r\n")]
    [InlineData(NodeData.Lose, ":0\r\n")]
    public async Task A_stopped_node_drops_and_refuses_and_comes_back_where_it_was(NodeData data, string keys)
    {
        await using InMemoryNode node = InMemoryNode.Start();
        string endpoint = node.Endpoint;
        using RawClient tcp = RawClient.To(endpoint);
        using RawClient pipe = RawClient.Over(node.Connect());
        await tcp.ExpectAsync("SET key value", "+OK\r\n");
        await pipe.ExpectAsync("PING", "+PONG\r\n");

        node.Stop();
        Assert.True(await tcp.IsClosedAsync());
        Assert.True(await pipe.IsClosedAsync());
        Assert.Throws<SocketException>(() => RawClient.To(endpoint));
        Assert.Throws<SocketException>(() => RawClient.To(node.UnixEndpoint));
        Assert.Throws<SocketException>(node.Connect);

        node.Restart(data);
        Assert.Equal(endpoint, node.Endpoint);
        using RawClient again = RawClient.To(node.Endpoint);
        await again.ExpectAsync("DBSIZE", keys);
        using RawClient unix = RawClient.To(node.UnixEndpoint);
        await unix.ExpectAsync("PING", "+PONG\r\n");
    }

    [Fact]
    public async Task A_disposed_node_leaves_no_folder()
    {
        InMemoryNode node = InMemoryNode.Start();
        string? folder = Path.GetDirectoryName(node.UnixEndpoint["unix:".Length..]);
        Assert.True(Directory.Exists(folder));
        await node.DisposeAsync();
        Assert.False(Directory.Exists(folder));
        Assert.Throws<ObjectDisposedException>(() => node.Restart(NodeData.Keep));
    }

    [Fact]
    public async Task Transports_can_be_left_out()
    {
        await using InMemoryNode node = InMemoryNode.Start(
            new InMemoryNodeOptions { Transports = InMemoryTransports.PipesOnly, Name = "bare" });
        Assert.Throws<InvalidOperationException>(() => node.Endpoint);
        Assert.Contains("bare", Assert.Throws<InvalidOperationException>(() => node.UnixEndpoint).Message, StringComparison.Ordinal);
        using RawClient client = RawClient.Over(node.Connect());
        await client.ExpectAsync("PING", "+PONG\r\n");
    }

    [Fact]
    public async Task A_transaction_runs_whole_or_not_at_all()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RawClient client = RawClient.To(node.Endpoint);
        using RawClient other = RawClient.To(node.Endpoint);
        await client.ExpectAsync("EXEC", "-ERR EXEC without MULTI\r\n");
        await client.ExpectAsync("DISCARD", "-ERR DISCARD without MULTI\r\n");
        await client.ExpectAsync("MULTI", "+OK\r\n");
        await client.ExpectAsync("MULTI", "-ERR MULTI calls can not be nested\r\n");
        await client.ExpectAsync("WATCH key", "-ERR WATCH inside MULTI is not allowed\r\n");
        await client.ExpectAsync("SET key value", "+QUEUED\r\n");
        await client.ExpectAsync("GET key", "+QUEUED\r\n");
        await other.ExpectAsync("GET key", "$-1\r\n");
        await client.ExpectAsync("EXEC", "*2\r\n+OK\r\n$5\r\nvalue\r\n");

        await client.ExpectAsync("WATCH key", "+OK\r\n");
        await other.ExpectAsync("SET key value", "+OK\r\n");
        await client.ExpectAsync("MULTI", "+OK\r\n");
        await client.ExpectAsync("DEL key", "+QUEUED\r\n");
        await client.ExpectAsync("EXEC", "*-1\r\n");

        await client.ExpectAsync("MULTI", "+OK\r\n");
        await client.AskAsync("NOSUCH");
        await client.ExpectAsync("EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n");
        await client.ExpectAsync("MULTI", "+OK\r\n");
        await client.ExpectAsync("DEL key", "+QUEUED\r\n");
        await client.ExpectAsync("DISCARD", "+OK\r\n");
        await client.ExpectAsync("EXISTS key", ":1\r\n");
    }
}
