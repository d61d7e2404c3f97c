using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public class MisconfiguredQuorumTests
{
    private static readonly TimeSpan _delay = TimeSpan.FromMilliseconds(100);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("-READONLY You can't write against a read only replica.\r\n")]
    [InlineData("-NOPERM this user has no permissions\r\n")]
    [InlineData("-NOAUTH Authentication required.\r\n")]
    [InlineData("-MOVED 1 127.0.0.1:7000\r\n")]
    [InlineData("-CLUSTERDOWN The cluster is down\r\n")]
    public async Task Is_tried_as_often_and_as_slowly_as_any(string refusal)
    {
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockHandle> pending = quorum.Mutex(new MutexOptions { Tries = 4, DelayFunction = static _ => _delay }).LockAsync(Token);
        for (int attempt = 1; attempt <= 4; attempt++)
        {
            quorum.ReplyAllAt(quorum.Nodes[0].Sent.Count - 1, refusal);
            Assert.Equal(attempt, Takes(quorum));
            Assert.Equal(attempt == 4, pending.IsCompleted);
            quorum.Clock.Advance(_delay);
        }

        LockFailedException failure = await Assert.ThrowsAsync<LockFailedException>(async () => await pending);
        Assert.Equal((4, LockStatus.Unavailable, true), (failure.Tries, failure.Status, failure.LooksMisconfigured));
        Assert.Contains("looks like a misconfiguration", failure.Message, StringComparison.Ordinal);
        Assert.Contains(refusal.Split(' ')[0][1..].Trim(), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_the_lock_once_that_has_passed()
    {
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockHandle> pending = quorum.Mutex(new MutexOptions { DelayFunction = static _ => _delay }).LockAsync(Token);
        quorum.ReplyAllAt(0, "-READONLY a failover\r\n");
        quorum.Clock.Advance(_delay);
        quorum.ReplyAllAt(quorum.Nodes[0].Sent.Count - 1, ScriptedQuorum.Ok);
        Assert.True((await pending).IsHeld);
    }

    [Theory]
    [InlineData(null, 2, true)]
    [InlineData(null, 1, false)]
    [InlineData(3, 1, true)]
    public async Task A_result_says_whether_there_is_no_quorum_without_the_nodes_that_are_set_up_wrongly(
        int? quorumAsked, int misconfigured, bool looks)
    {
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex(MutexOptions.NonBlocking with { Quorum = quorumAsked }).TryLockAsync(Token);
        for (int node = 0; node < 3; node++)
        {
            quorum.Nodes[node].Fail(0, node < misconfigured ? RequestFailure.Misconfigured : RequestFailure.TimedOut);
        }

        Assert.Equal(new LockResult(LockStatus.Unavailable, default) { LooksMisconfigured = looks }, await pending);
    }

    [Fact]
    public async Task A_name_that_another_holds_is_no_misconfiguration()
    {
        using ScriptedQuorum quorum = new(3);
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.ReplyAllAt(0, ScriptedQuorum.Nil);
        Assert.False((await pending).LooksMisconfigured);
    }

    private static int Takes(ScriptedQuorum quorum) => quorum.Nodes[0].Sent.Count(static frame => frame.IsAttempt);
}
