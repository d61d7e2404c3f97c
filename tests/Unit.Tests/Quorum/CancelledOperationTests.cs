using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public class CancelledOperationTests
{
    [Fact]
    public async Task A_call_that_is_cancelled_before_it_starts_sends_nothing()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        CancellationToken cancelled = new(canceled: true);
        LockToken someone = LockToken.Parse("AQIDBAUGBwgJCgsMDQ4PEA==");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await mutex.TryLockAsync(cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await mutex.LockAsync(cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await mutex.ExtendAsync(someone, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await mutex.WithLockAsync(_ => Task.CompletedTask, cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => mutex.TryLock(cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => mutex.Lock(cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => mutex.Extend(someone, cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => mutex.WithLock(() => { }, cancelled));
        Assert.All(quorum.Nodes, node => Assert.Empty(node.Sent));
    }

    [Fact]
    public async Task A_release_goes_out_though_its_caller_does_not_wait_for_it()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        CancellationToken cancelled = new(canceled: true);
        LockToken held = LockToken.Parse("AQIDBAUGBwgJCgsMDQ4PEA==");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await mutex.UnlockAsync(held, cancelled));
        Assert.All(quorum.Nodes, node => Assert.Equal(held.Value, Assert.Single(node.Sent).Owner));
        Assert.ThrowsAny<OperationCanceledException>(() => mutex.Unlock(held, cancelled));
        Assert.All(quorum.Nodes, node => Assert.Equal(2, node.Sent.Count));
    }

    [Fact]
    public async Task A_cancelled_attempt_cleans_up_and_says_whose_token_it_was()
    {
        using ScriptedQuorum quorum = new(3);
        RedlockMutex mutex = quorum.Mutex();
        using CancellationTokenSource cancellation = new();
        ValueTask<LockResult> pending = mutex.TryLockAsync(cancellation.Token);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Ok);
        await cancellation.CancelAsync();
        OperationCanceledException thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pending);
        Assert.Equal(cancellation.Token, thrown.CancellationToken);
        Assert.All(quorum.Nodes, ScriptedChannel.AssertWithdrawnBehindItsSet);

        // What comes late belongs to nobody.
        quorum.Nodes[1].Reply(0, ScriptedQuorum.Ok);
        quorum.Nodes[2].Reply(0, ScriptedQuorum.Ok);
        Assert.All(quorum.Nodes, ScriptedChannel.AssertWithdrawnBehindItsSet);
    }

    [Fact]
    public async Task Cancelled_while_frames_go_out_it_cleans_up_where_one_went()
    {
        using ScriptedQuorum quorum = new(3);
        using CancellationTokenSource cancellation = new();
        quorum.Nodes[1].Sending = cancellation.Cancel;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await quorum.Mutex().TryLockAsync(cancellation.Token));
        ScriptedChannel.AssertWithdrawnBehindItsSet(quorum.Nodes[0]);
        ScriptedChannel.AssertWithdrawnBehindItsSet(quorum.Nodes[1]);
        Assert.Empty(quorum.Nodes[2].Sent);
    }

    [Fact]
    public async Task Cancelled_in_the_pause_it_tries_no_more()
    {
        using ScriptedQuorum quorum = new(1);
        RedlockMutex mutex = quorum.Mutex(new MutexOptions { DelayFunction = _ => TimeSpan.FromHours(1) });
        using CancellationTokenSource cancellation = new();
        ValueTask<LockHandle> pending = mutex.LockAsync(cancellation.Token);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Nil);
        Assert.False(pending.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pending);

        // The pause's timer is still set; when it fires it must find nothing to do, also not in the operation's next use.
        ValueTask<LockResult> next = mutex.TryLockAsync(TestContext.Current.CancellationToken);
        quorum.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(2, quorum.Nodes[0].Sent.Count);
        quorum.Nodes[0].Fail(1, RequestFailure.TimedOut);
        Assert.Equal(LockStatus.Unavailable, (await next).Status);
    }

    [Fact]
    public async Task A_disposed_factory_ends_a_pause()
    {
        using ScriptedQuorum quorum = new(1);
        ValueTask<LockHandle> pending = quorum.Mutex(MutexOptions.Blocking).LockAsync(TestContext.Current.CancellationToken);
        quorum.Nodes[0].Reply(0, ScriptedQuorum.Nil);
        Assert.False(pending.IsCompleted);
        quorum.Factory.Dispose();
        LockFailedException failure = await Assert.ThrowsAsync<LockFailedException>(async () => await pending);
        Assert.Equal(LockStatus.Unavailable, failure.Status);
    }
}
