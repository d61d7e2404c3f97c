using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Unit.Tests;

// What listens to a node runs on the threads that keep it alive, and may throw.
public sealed class NodeHandlerTests
{
    [Fact]
    public async Task A_node_outlives_a_handler_that_throws_at_every_state()
    {
        using InMemoryNode server = InMemoryNode.Start();
        using RespNode node = RespNode.Connect(server.Endpoint);
        await Eventually.Connected(node);
        List<RespNodeState> told = [];
        node.StateChanged += (_, _) => throw new InvalidTimeZoneException();
        node.StateChanged += (_, state) =>
        {
            lock (told)
            {
                told.Add(state);
            }
        };
        await node.SendAsync("QUIT");
        await Eventually.Holds(() => node is { Reconnects: 1, IsConnected: true }, "connected again");
        await Eventually.Holds(() => ToldCount() == 3, "the other handler is told");
        Assert.Equal([RespNodeState.Disconnected, RespNodeState.Connecting, RespNodeState.Connected], told);
        Assert.Equal("again", (await Eventually.Answered(node, "ECHO", "again")).AsString());

        int ToldCount()
        {
            lock (told)
            {
                return told.Count;
            }
        }
    }

    [Fact]
    public async Task Disposal_ends_what_is_pending_behind_a_handler_that_throws()
    {
        using InMemoryNode server = InMemoryNode.Start();
        RespNode node = RespNode.Connect(server.Endpoint);
        await Eventually.Connected(node);
        server.Faults.Stall();
        OutcomeRecorder outcomes = new();
        Assert.True(node.Echo(outcomes, 1).IsTaken);
        node.StateChanged += (_, _) => throw new InvalidTimeZoneException();
        node.Dispose();
        await outcomes.WaitFor(1);
        Assert.Equal(RequestFailure.Disposed, outcomes.FailureOf(1));
        server.Faults.Resume();
    }
}
