using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>A result carries what the nodes said in its own attempt.</summary>
public class ResultWordsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_result_says_what_the_exception_would_have_said()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        ValueTask<LockHandle> throwing = mutex.LockAsync(Token);
        Answer(quorum);
        LockFailedException thrown = await Assert.ThrowsAsync<LockFailedException>(async () => await throwing);

        ValueTask<LockResult> pending = mutex.TryLockAsync(Token);
        Answer(quorum);
        LockResult result = await pending;
        Assert.Equal(thrown.Message, result.ToString());
        Assert.Equal(thrown.Nodes, result.Nodes);
        Assert.Equal((1, LockStatus.Unavailable), (result.Tries, result.Status));
        LockFailedException late = Assert.Throws<LockFailedException>(result.ThrowUnlessAcquired);
        Assert.Equal(
            (thrown.Message, thrown.Name, thrown.Status, thrown.Tries), (late.Message, late.Name, late.Status, late.Tries));
        Assert.Equal(thrown.Nodes, late.Nodes);

        static void Answer(ScriptedQuorum quorum)
        {
            quorum.Nodes[0].Reply(Newest(quorum.Nodes[0]), "-OOM no room\r\n");
            quorum.Nodes[1].Reply(Newest(quorum.Nodes[1]), ScriptedQuorum.Nil);
            quorum.Nodes[2].Fail(Newest(quorum.Nodes[2]), RequestFailure.TimedOut);
        }
    }

    [Fact]
    public async Task Another_attempt_changes_no_result()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        LockResult first = await AnsweredAsync(quorum, mutex, "-OOM the first\r\n");
        LockResult second = await AnsweredAsync(quorum, mutex, "-OOM the second\r\n");
        LockResult third = await AnsweredAsync(quorum, mutex, ScriptedQuorum.Nil);
        Assert.Contains("the first", first.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("the second", first.ToString(), StringComparison.Ordinal);
        Assert.Contains("the second", second.ToString(), StringComparison.Ordinal);
        Assert.Equal([NodeVote.HeldByOther, NodeVote.HeldByOther, NodeVote.NotAwaited], third.Nodes.Select(node => node.Vote));
        Assert.All(third.Nodes, node => Assert.Null(node.Error));
        Assert.Equal((3, 3), (first.Nodes.Count, second.Nodes.Count));
    }

    [Fact]
    public async Task A_lock_that_was_acquired_says_who_granted_it_and_who_is_missed()
    {
        using ScriptedQuorum quorum = new(3);
        quorum.Nodes[1].Refusal = RequestFailure.NotConnected;
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[2].Reply(0, ScriptedQuorum.Ok);
        LockResult taken = await pending;
        Assert.Equal([NodeVote.Granted, NodeVote.Failed, NodeVote.Granted], taken.Nodes.Select(node => node.Vote));
        Assert.Equal((NodeCause.NotConnected, "node1"), (taken.Nodes[1].Cause, taken.Nodes[1].Node));
        Assert.Equal("The lock 'door' was acquired (tries: 1).", taken.ToString());
        taken.ThrowUnlessAcquired();
    }

    [Fact]
    public async Task As_many_nodes_as_there_may_be_are_told_apart()
    {
        using ScriptedQuorum quorum = new(RedlockFactory.MaxNodes);
        ValueTask<LockResult> pending = quorum.Mutex().TryLockAsync(Token);
        for (int node = 0; node < RedlockFactory.MaxNodes - 1; node += 2)
        {
            quorum.Nodes[node].Reply(0, ScriptedQuorum.Ok);
            quorum.Nodes[node + 1].Reply(0, ScriptedQuorum.Nil);
        }

        quorum.Nodes[^1].Reply(0, ScriptedQuorum.Nil);
        LockResult split = await pending;
        Assert.Equal(LockStatus.Contended, split.Status);
        Assert.Equal(
            Enumerable.Range(0, RedlockFactory.MaxNodes).Select(
                node => node % 2 == 0 && node < RedlockFactory.MaxNodes - 1 ? NodeVote.Granted : NodeVote.HeldByOther),
            split.Nodes.Select(node => node.Vote));
    }

    [Fact]
    public void A_result_that_no_mutex_gave_has_nothing_to_say()
    {
        LockResult none = default;
        Assert.Empty(none.Nodes);
        Assert.Equal("Unavailable", none.ToString());
        Assert.Throws<LockFailedException>(none.ThrowUnlessAcquired);
        Assert.Equal("Unavailable", default(WithLockResult).ToString());
        Assert.False(default(WithLockResult));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_function_that_did_not_run_is_told_why(bool waits)
    {
        using ScriptedQuorum quorum = new(1);
        RedlockMutex mutex = quorum.Mutex(MutexOptions.NonBlocking with { WaitLimit = waits ? TimeSpan.Zero : null });
        ValueTask<WithLockResult> running = mutex.WithLockAsync(static _ => throw new InvalidOperationException("it ran"), Token);
        quorum.ReplyAll("-OOM no room\r\n");
        WithLockResult result = await running;
        Assert.False(result);
        Assert.False(result.HasRun);
        Assert.Equal((LockStatus.Unavailable, 1, false), (result.Status, result.Tries, result.LooksMisconfigured));
        Assert.Equal("OOM", Assert.Single(result.Nodes).ErrorCode);
        Assert.Contains("OOM no room", result.ToString(), StringComparison.Ordinal);
        Assert.Equal(result.ToString(), Assert.Throws<LockFailedException>(result.ThrowUnlessRun).Message);
    }

    [Fact]
    public async Task A_function_that_ran_is_told_so()
    {
        using ScriptedQuorum quorum = new(1);
        ValueTask<WithLockResult> running = quorum.Mutex().WithLockAsync(static _ => ValueTask.CompletedTask, Token);
        quorum.ReplyAll(ScriptedQuorum.Ok);
        quorum.ReplyAll(ScriptedQuorum.Done);
        WithLockResult result = await running;
        Assert.True(result);
        result.ThrowUnlessRun();
        Assert.Equal((LockStatus.Acquired, NodeVote.Granted), (result.Status, Assert.Single(result.Nodes).Vote));
    }

    [Fact]
    public async Task What_is_said_anew_each_time_is_told_right_and_not_kept_for_ever()
    {
        using ScriptedQuorum quorum = new(1);
        RedlockMutex mutex = quorum.Mutex();
        List<LockResult> results = [];
        for (int attempt = 0; attempt < 1000; attempt++)
        {
            ValueTask<LockResult> pending = mutex.TryLockAsync(Token);
            quorum.Nodes[0].Reply(Newest(quorum.Nodes[0]), $"-OOM said the {attempt}. time\r\n");
            results.Add(await pending);
        }

        Assert.All(results.Index(), it => Assert.Contains($" {it.Index}. time", it.Item.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_node_in_trouble_costs_results_nothing_once_it_has_repeated_itself()
    {
        using ScriptedQuorum quorum = new(3);
        LatestOutcomes latest = new("door", quorum.Nodes, new Phrases(3));
        NodeOutcome[][] outcomes =
        [
            [new("node0", NodeVote.Failed, "late"), new("node1", NodeVote.Failed, "silent"), new("node2", NodeVote.Granted, null)],
            [new("node0", NodeVote.Failed, "silent"), new("node1", NodeVote.Failed, "late"), new("node2", NodeVote.HeldByOther, null)],
        ];
        NodeWords[] words = [.. outcomes.Select(said => new NodeWords(latest, said))];
        const int attempts = 1000;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int attempt = 0; attempt < attempts; attempt++)
        {
            words[attempt % 2] = new NodeWords(latest, outcomes[attempt % 2]);
        }

        // The runtime takes some now and then; an object an attempt would be more.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, attempts);
        Assert.Equal(outcomes, words.Select(said => said.ToArray()));
    }

    private static ValueTask<LockResult> AnsweredAsync(ScriptedQuorum quorum, RedlockMutex mutex, string wire)
    {
        ValueTask<LockResult> pending = mutex.TryLockAsync(Token);
        foreach (ScriptedChannel node in quorum.Nodes)
        {
            node.Reply(Newest(node), wire);
        }

        return pending;
    }

    private static int Newest(ScriptedChannel node) => node.Sent.ToList().FindLastIndex(static frame => frame.IsAttempt);
}
