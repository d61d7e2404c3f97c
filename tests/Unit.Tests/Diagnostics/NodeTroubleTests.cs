using System.Collections.Concurrent;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public class NodeTroubleTests
{
    private readonly ConcurrentQueue<NodeTroubledEventArgs> _told = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_that_refuses_is_told_once_a_stretch_with_its_words()
    {
        using ScriptedQuorum quorum = Listening();
        for (int attempt = 0; attempt < 20; attempt++)
        {
            await AttemptAsync(quorum, "-OOM no\u001b room\r\n");
        }

        await ToldAsync(1);
        Assert.Equal(("node2", NodeTrouble.Refused, "OOM no? room"), Of(_told.First()));
        quorum.Clock.Advance(TimeSpan.FromSeconds(30));
        await AttemptAsync(quorum, "-OOM no\u001b room\r\n");
        await ToldAsync(2);
    }

    [Theory]
    [InlineData(RequestFailure.TimedOut, NodeTrouble.Unanswered)]
    [InlineData(RequestFailure.Silent, NodeTrouble.Unanswered)]
    [InlineData(RequestFailure.QueueFull, NodeTrouble.Overasked)]
    public async Task A_node_that_does_not_answer_is_told_though_no_quorum_waits_for_it(RequestFailure failure, NodeTrouble trouble)
    {
        using ScriptedQuorum quorum = Listening();
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[1].Reply(0, ScriptedQuorum.Ok);
        Assert.True((await pending).IsAcquired);
        quorum.Nodes[2].Fail(0, failure);
        await ToldAsync(1);
        Assert.Equal(("node2", trouble, $"node2: {failure}"), Of(_told.First()));
    }

    [Fact]
    public async Task So_is_one_that_does_not_even_take_a_request()
    {
        using ScriptedQuorum quorum = Listening();
        quorum.Nodes[2].Refusal = RequestFailure.Silent;
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[1].Reply(0, ScriptedQuorum.Ok);
        Assert.True((await pending).IsAcquired);
        await ToldAsync(1);
    }

    [Theory]
    [InlineData(RequestFailure.NotConnected)]
    [InlineData(RequestFailure.ConnectionLost)]
    [InlineData(RequestFailure.Disposed)]
    public async Task What_its_connection_tells_is_not_told_again(RequestFailure failure)
    {
        using ScriptedQuorum quorum = Listening();
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.Nodes[2].Fail(0, failure);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[1].Reply(0, "-OOM\r\n");
        await pending;
        await ToldAsync(1);
        Assert.Equal("node1", _told.First().Node);
    }

    private static (string Node, NodeTrouble Trouble, string Words) Of(NodeTroubledEventArgs told) => (told.Node, told.Trouble, told.Words);

    private static async Task AttemptAsync(ScriptedQuorum quorum, string third)
    {
        RedlockMutex mutex = quorum.Mutex();
        int frame = quorum.Nodes[0].Sent.Count;
        ValueTask<LockResult> pending = mutex.TryLockAsync(Token);
        quorum.Nodes[2].Reply(frame, third);
        quorum.Nodes[0].Reply(frame, ScriptedQuorum.Ok);
        quorum.Nodes[1].Reply(frame, ScriptedQuorum.Nil);
        await pending;
        foreach (ScriptedChannel node in quorum.Nodes)
        {
            // The clean-up went to whoever may have taken it; the frames of all nodes stay in step.
            while (node.Sent.Count < quorum.Nodes.Max(other => other.Sent.Count))
            {
                node.TrySend("*1\r\n$4\r\nPING\r\n"u8, new RespRequest { DeadlineTicks = long.MaxValue });
            }
        }
    }

    // One too many would come before the one that is waited for, or right behind it.
    private async Task ToldAsync(int count)
    {
        await Eventually.Holds(() => _told.Count >= count, "it is told");
        await Task.Yield();
        Assert.Equal(count, _told.Count);
    }

    private ScriptedQuorum Listening()
    {
        ScriptedQuorum quorum = new(3);
        quorum.Factory.NodeTroubled += (sender, trouble) =>
        {
            Assert.Same(quorum.Factory, sender);
            _told.Enqueue(trouble);
        };
        return quorum;
    }
}
