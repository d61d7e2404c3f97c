namespace Redlock.Fast.Tests;

/// <summary>What each node said in the caller's own attempt, in room that the caller brings.</summary>
public class OwnOutcomesTests(SharedNodes shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Style.Async)]
    [InlineData(Style.Blocking)]
    public async Task Many_callers_of_one_mutex_each_read_their_own(Style style)
    {
        const int Nodes = 3;
        using RedlockFactory factory = await shared.ConnectAsync(Nodes);
        RedlockMutex mutex = factory.PatientMutex(Inspection.NewName(), MutexOptions.NonBlocking);
        int contended = 0;
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(Token);

        // While somebody looks at it, nothing is written to the shared view: it is then any attempt's but the caller's own.
        Task looking = Task.Factory.StartNew(
            () =>
            {
                while (!over.IsCancellationRequested)
                {
                    Assert.Equal(Nodes, mutex.LastAttemptByAnyone.Count);
                }
            },
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                NodeOutcome[] own = new NodeOutcome[Nodes];
                for (int round = 0; round < 200; round++)
                {
                    LockResult taken = style == Style.Async ? mutex.TryLockAsync(own, Token).AsTask().GetAwaiter().GetResult()
                        : mutex.TryLock(own, Token);
                    Assert.Equal(factory.Nodes.Select(node => node.Name), own.Select(outcome => outcome.Node));
                    if (!taken.IsAcquired)
                    {
                        Assert.True(own.Count(outcome => outcome.Vote == NodeVote.Granted) < 2, string.Join("; ", own));
                        Assert.Contains(own, outcome => outcome.Vote == NodeVote.HeldByOther);
                        Interlocked.Increment(ref contended);
                        continue;
                    }

                    AssertGranted(own);
                    ExtendResult extended = style == Style.Async
                        ? mutex.ExtendAsync(taken.Token, own, Token).AsTask().GetAwaiter().GetResult()
                        : mutex.Extend(taken.Token, own, Token);
                    Assert.True(extended.IsExtended);
                    AssertGranted(own);
                    Assert.Equal(
                        UnlockStatus.Released,
                        style == Style.Async ? mutex.UnlockAsync(taken.Token, own, Token).AsTask().GetAwaiter().GetResult() : mutex.Unlock(
                            taken.Token, own, Token));
                    AssertGranted(own);
                }
            },
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        Assert.NotEqual(0, contended);
        await over.CancelAsync();
        await looking;
    }

    [Fact]
    public async Task A_node_that_nobody_waited_for_is_told_as_that()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        NodeOutcome[] own = new NodeOutcome[4];
        ValueTask<LockResult> pending = mutex.TryLockAsync(own, Token);
        Assert.Equal(NodeVote.NotAwaited, own[0].Vote);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[2].Reply(0, ScriptedQuorum.Ok);
        LockResult taken = await pending;
        Assert.Equal([NodeVote.Granted, NodeVote.NotAwaited, NodeVote.Granted], own[..3].Select(outcome => outcome.Vote));
        Assert.Equal("node1: NotAwaited", own[1].ToString());
        Assert.Equal(default, own[3]);

        // The room is the caller's again: the next one's outcomes do not come to it.
        own[0] = default;
        ValueTask<UnlockStatus> releasing = mutex.UnlockAsync(taken.Token, Token);
        quorum.ReplyAll(ScriptedQuorum.Done);
        Assert.Equal(UnlockStatus.Released, await releasing);
        Assert.Equal(default, own[0]);
    }

    [Fact]
    public async Task What_asks_no_node_says_so_and_what_is_cancelled_is_told_too()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        NodeOutcome[] own = new NodeOutcome[3];
        Assert.Equal(UnlockStatus.NotHeld, mutex.Unlock(default, own, Token));
        Assert.Equal(ExtendStatus.NotHeld, mutex.Extend(default, own, Token).Status);
        Assert.Equal(["node0: NotAwaited", "node1: NotAwaited", "node2: NotAwaited"], own.Select(outcome => outcome.ToString()));

        using CancellationTokenSource cancellation = new();
        ValueTask<LockResult> pending = mutex.TryLockAsync(own, cancellation.Token);
        quorum.Nodes[1].Reply(0, ScriptedQuorum.Nil);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pending);
        Assert.Equal([NodeVote.NotAwaited, NodeVote.HeldByOther, NodeVote.NotAwaited], own.Select(outcome => outcome.Vote));
    }

    [Fact]
    public void Too_little_room_is_refused_before_anything_is_sent()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        NodeOutcome[] two = new NodeOutcome[2];
        LockToken token = new(Guid.NewGuid().ToByteArray());
        Action[] calls =
        [
            () => mutex.TryLock(two, Token),
            () => mutex.TryLockAsync(two, Token).AsTask(),
            () => mutex.Extend(token, two, Token),
            () => mutex.ExtendAsync(token, two, Token).AsTask(),
            () => mutex.Unlock(token, two, Token),
            () => mutex.UnlockAsync(token, two, Token).AsTask(),
        ];
        foreach (Action call in calls)
        {
            Assert.Contains("3 nodes, and room for 2", Assert.Throws<ArgumentException>(call).Message, StringComparison.Ordinal);
        }

        Assert.All(quorum.Nodes, node => Assert.Empty(node.Sent));
    }

    [Fact]
    public async Task A_failed_lock_names_each_node_once_and_tells_of_its_own_attempt()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        ValueTask<LockHandle> pending = mutex.LockAsync(Token);
        quorum.Nodes[0].Reply(0, "-OOM no room\r\n");
        quorum.Nodes[1].Fail(0, Redlock.Fast.Resp.RequestFailure.TimedOut);

        // Another caller's attempt comes between.
        ValueTask<LockResult> other = mutex.TryLockAsync(Token);
        foreach (ScriptedChannel node in quorum.Nodes)
        {
            node.Reply(node.Sent.Count - 1, ScriptedQuorum.Ok);
        }

        Assert.True((await other).IsAcquired);
        LockFailedException failure = await Assert.ThrowsAsync<LockFailedException>(async () => await pending);
        Assert.Equal([NodeVote.Failed, NodeVote.Failed, NodeVote.NotAwaited], failure.Nodes.Select(outcome => outcome.Vote));
        Assert.Equal([NodeCause.ErrorReply, NodeCause.Unanswered, NodeCause.None], failure.Nodes.Select(outcome => outcome.Cause));
        Assert.Equal(["OOM", null, null], failure.Nodes.Select(outcome => outcome.ErrorCode));
        foreach (NodeOutcome outcome in failure.Nodes)
        {
            string line = Assert.Single(failure.Message.Split('\n'), line => line.Contains(outcome.Node, StringComparison.Ordinal));
            Assert.Equal(line.IndexOf(outcome.Node, StringComparison.Ordinal), line.LastIndexOf(outcome.Node, StringComparison.Ordinal));
        }

        Assert.Equal("node9: Failed: no name in it", new NodeOutcome("node9", NodeVote.Failed, "no name in it").ToString());
    }

    private static void AssertGranted(NodeOutcome[] own) =>
        Assert.True(own.Count(outcome => outcome.Vote == NodeVote.Granted) >= 2, string.Join("; ", own));
}
