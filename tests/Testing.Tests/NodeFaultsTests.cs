using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

public sealed class NodeFaultsTests : IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly InMemoryNode _node;
    private readonly RawClient _client;

    public NodeFaultsTests()
    {
        _node = InMemoryNode.Start(new InMemoryNodeOptions { TimeProvider = _clock });
        _client = RawClient.To(_node.Endpoint);
    }

    public void Dispose()
    {
        _client.Dispose();
        _node.Dispose();
    }

    [Theory]
    [InlineData(FaultMoment.BeforeExecuting, ":0\r\n")]
    [InlineData(FaultMoment.AfterExecuting, ":1\r\n")]
    public async Task A_dropped_connection_loses_the_request_or_the_reply(FaultMoment moment, string keys)
    {
        _node.Faults.DropConnection(moment, commands: 1, command: "set");
        await _client.SendRawAsync(RawClient.Frame("PING") + RawClient.Frame("SET key value") + RawClient.Frame("PING"));
        Assert.Equal("+PONG\r\n", await _client.ReadReplyAsync());
        Assert.True(await _client.IsClosedAsync());
        using RawClient again = RawClient.To(_node.Endpoint);
        await again.ExpectAsync("EXISTS key", keys);
        await again.ExpectAsync("SET key value", "+OK\r\n");
    }

    [Theory]
    [InlineData(FaultMoment.BeforeExecuting, ":0\r\n")]
    [InlineData(FaultMoment.AfterExecuting, ":1\r\n")]
    public async Task A_silent_node_executes_or_not_and_its_connection_never_speaks_again(FaultMoment moment, string keys)
    {
        using RawClient other = RawClient.To(_node.Endpoint);
        await other.ExpectAsync("SET marker there", "+OK\r\n");
        _node.Faults.Silence(moment, "SET");
        await _client.ExpectAsync("PING", "+PONG\r\n");
        await _client.SendAsync("SET key value");

        // Commands run in order: once this one has, the one before it is decided.
        await _client.SendAsync("DEL marker");
        await Eventually.Holds(async () => await other.AskAsync("EXISTS marker") == ":0\r\n");
        await other.ExpectAsync("EXISTS key", keys);

        _node.Faults.Clear();
        await _client.SendAsync("SET marker again");
        await Eventually.Holds(async () => await other.AskAsync("EXISTS marker") == ":1\r\n");
        _client.ExpectNothing();
        using RawClient fresh = RawClient.To(_node.Endpoint);
        await fresh.ExpectAsync("SET key value", "+OK\r\n");
    }

    [Fact]
    public async Task An_error_answers_the_next_commands_or_all_until_cleared()
    {
        _node.Faults.ReplyWithError("LOADING Redis is loading the dataset in memory", commands: 2);
        await _client.ExpectAsync("SET key value", "-LOADING Redis is loading the dataset in memory\r\n");
        await _client.ExpectAsync("PING", "-LOADING Redis is loading the dataset in memory\r\n");
        await _client.ExpectAsync("EXISTS key", ":0\r\n");

        _node.Faults.ReplyWithError("READONLY You can't write against a read only replica.", "SET");
        await _client.ExpectAsync("GET key", "$-1\r\n");
        await _client.ExpectAsync("SET key value", "-READONLY You can't write against a read only replica.\r\n");
        await _client.ExpectAsync("set key value", "-READONLY You can't write against a read only replica.\r\n");
        _node.Faults.Clear();
        await _client.ExpectAsync("SET key value", "+OK\r\n");
        Assert.Throws<ArgumentException>(() => _node.Faults.ReplyWithError("-ERR x"));
    }

    [Fact]
    public async Task A_stalled_node_loses_nothing_and_answers_when_resumed()
    {
        await _client.ExpectAsync("PING", "+PONG\r\n");
        _node.Faults.Stall();
        await _client.SendAsync("SET key value");
        using RawClient other = RawClient.Over(_node.Connect());
        Task<string> reply = other.AskAsync("PING");
        _client.ExpectNothing();
        Assert.False(reply.IsCompleted);
        _node.Faults.Resume();
        Assert.Equal("+OK\r\n", await _client.ReadReplyAsync());
        Assert.Equal("+PONG\r\n", await reply);
    }

    [Fact]
    public async Task A_stalled_node_can_be_stopped()
    {
        _node.Faults.Stall();
        await _client.SendAsync("SET key value");
        _node.Stop();
        Assert.True(await _client.IsClosedAsync());
        _node.Faults.Clear();
        _node.Restart(NodeData.Keep);
        using RawClient again = RawClient.To(_node.Endpoint);
        await again.ExpectAsync("EXISTS key", ":0\r\n");
    }

    [Fact]
    public async Task A_delayed_reply_is_held_back_behind_its_execution()
    {
        using RawClient other = RawClient.To(_node.Endpoint);
        _node.Faults.Delay = TimeSpan.FromSeconds(1);
        _node.Faults.DelayJitter = TimeSpan.FromSeconds(1);
        await _client.SendAsync("SET key value");
        await Eventually.Holds(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            return Task.FromResult(_clock.GetUtcNow().Millisecond >= 900);
        });
        _client.ExpectNothing();
        Task<string> reply = _client.ReadReplyAsync();
        await Eventually.Holds(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            return Task.FromResult(reply.IsCompleted);
        });
        Assert.Equal("+OK\r\n", await reply);
        _node.Faults.Clear();
        await other.ExpectAsync("EXISTS key", ":1\r\n");
    }

    [Fact]
    public async Task All_data_is_lost_at_once_while_connections_stay()
    {
        await _client.ExpectAsync("SET key value", "+OK\r\n");
        await _client.AskAsync("SCRIPT LOAD x");
        _node.Faults.LoseAllData();
        await _client.ExpectAsync("EXISTS key", ":0\r\n");
        await _client.ExpectAsync($"SCRIPT EXISTS {InMemoryScripts.HashOf("x")}", "*1\r\n:0\r\n");
    }

    [Fact]
    public async Task A_stepped_or_fast_clock_expires_keys_early()
    {
        await _client.ExpectAsync("SET key value PX 1000", "+OK\r\n");
        _node.Clock.Step(TimeSpan.FromMilliseconds(600));
        await _client.ExpectAsync("PTTL key", ":400\r\n");
        _node.Clock.Rate = 2;
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        await _client.ExpectAsync("PTTL key", ":200\r\n");
        _clock.Advance(TimeSpan.FromMilliseconds(101));
        await _client.ExpectAsync("EXISTS key", ":0\r\n");
    }
}
