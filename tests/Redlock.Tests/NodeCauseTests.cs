using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

public sealed class NodeCauseTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(RequestFailure.TimedOut, NodeCause.Unanswered)]
    [InlineData(RequestFailure.Silent, NodeCause.Unanswered)]
    [InlineData(RequestFailure.NotConnected, NodeCause.NotConnected)]
    [InlineData(RequestFailure.ConnectionChanged, NodeCause.NotConnected)]
    [InlineData(RequestFailure.Misconfigured, NodeCause.ConnectionRefused)]
    [InlineData(RequestFailure.ConnectionLost, NodeCause.ConnectionLost)]
    [InlineData(RequestFailure.QueueFull, NodeCause.QueueFull)]
    [InlineData(RequestFailure.TimedOutUnsent, NodeCause.Unsent)]
    [InlineData(RequestFailure.Withdrawn, NodeCause.Unsent)]
    [InlineData(RequestFailure.Disposed, NodeCause.Disposed)]
    public async Task A_node_of_which_no_reply_came_tells_why(RequestFailure failure, NodeCause cause)
    {
        NodeOutcome outcome = await OutcomeOfAsync(node => node.Fail(0, failure));
        Assert.Equal(failure == RequestFailure.Misconfigured ? NodeVote.Misconfigured : NodeVote.Failed, outcome.Vote);
        Assert.Equal((cause, null), (outcome.Cause, outcome.ErrorCode));
        Assert.NotNull(outcome.Error);
    }

    [Fact]
    public void Every_failure_is_tried_here() => Assert.Equal(11, Enum.GetValues<RequestFailure>().Length);

    [Theory]
    [InlineData("-LOADING Redis is loading the dataset in memory\r\n", "LOADING")]
    [InlineData("-NOPERM this user has no permissions\r\n", "NOPERM")]
    [InlineData("-hunter2 is not a code\r\n", null)]
    public async Task An_error_has_its_code_if_it_is_one_of_Redis_own(string reply, string? code)
    {
        NodeOutcome outcome = await OutcomeOfAsync(node => node.Reply(0, reply));
        Assert.Equal((NodeCause.ErrorReply, code), (outcome.Cause, outcome.ErrorCode));
    }

    [Theory]
    [InlineData("+OK\r\n", NodeVote.Granted)]
    [InlineData("$-1\r\n", NodeVote.HeldByOther)]
    [InlineData("-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", NodeVote.HeldByOther)]
    public async Task Whoever_voted_has_no_cause(string reply, NodeVote vote)
    {
        NodeOutcome outcome = await OutcomeOfAsync(node => node.Reply(0, reply));
        Assert.Equal(new NodeOutcome("node0", vote, null), outcome);
    }

    private static async Task<NodeOutcome> OutcomeOfAsync(Action<ScriptedChannel> answer)
    {
        using ScriptedQuorum quorum = new(1);
        NodeOutcome[] own = new NodeOutcome[1];
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(own, Token);
        answer(quorum.Nodes[0]);
        await pending;
        return own[0];
    }
}
