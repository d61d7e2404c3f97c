using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Unit.Tests;

// What listens to a node runs on the threads that keep it alive, and may throw.
public sealed class NodeHandlerTests
{
    [Fact]
    public async Task ANodeOutlivesAHandlerThatThrowsAtEveryState()
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
    public async Task DisposalEndsWhatIsPendingBehindAHandlerThatThrows()
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

    [Fact]
    public async Task AConnectionOutlivesAHandlerThatThrowsAtAForgottenScript()
    {
        RespScript script = new("return 1");
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = new(ScriptedTransport.Pipes, async peer =>
        {
            await peer.ReadAsync();
            await peer.WriteAsync($"$40\r\n{script.Sha1}\r\n");
            await peer.ReadAsync();
            await peer.ReadAsync();
            await peer.WriteAsync(":1\r\n:1\r\n");
            await peer.ReadAsync();
            await peer.WriteAsync("-NOSCRIPT No matching script.\r\n");
            await peer.ReadAsync();
            await peer.WriteAsync(":1\r\n");
            await ScriptedServer.Behave(peer);
        });
        using RespNode node = new(server.Dialer, new RespNodeOptions { ClientName = null, Scripts = [script] });
        await Eventually.Connected(node);
        node.ScriptForgotten += (_, _) => throw new InvalidTimeZoneException();
        node.ScriptForgotten += (_, _) => told.SetResult();
        OutcomeRecorder outcomes = new();
        Assert.True(node.TrySend(
            Sending.Frame("EVALSHA", script.Sha1, "0"),
            new RespRequest { Handler = outcomes, Tag = 1, DeadlineTicks = long.MaxValue, Script = script }).IsTaken);
        await outcomes.WaitFor(1);
        await told.Task.SoonAsync();
        Assert.Equal(1, Assert.Single(outcomes.Told).Reply.Integer);
        Assert.Equal(1, server.Dials);
    }
}
