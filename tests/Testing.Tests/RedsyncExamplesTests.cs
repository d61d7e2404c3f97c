using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

/// <summary>The examples of redsync's documentation, each with the outcome that it has there.</summary>
public sealed class RedsyncExamplesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // ExampleNew
    [Fact]
    public async Task The_text_of_a_mutex_is_its_name_tries_expiry_and_nodes()
    {
        await using ScriptedNode scripted = new ScriptedNode();
        await using RedlockFactory factory = new RedlockFactory(scripted.Nodes(1));
        string text = factory.CreateMutex("example-new", MutexOptions.NonBlocking).ToString();
        Assert.Contains("example-new", text, StringComparison.Ordinal);
        Assert.Contains("tries 1", text, StringComparison.Ordinal);
        Assert.Contains("expiry 8 s", text, StringComparison.Ordinal);
        Assert.Contains("1 nodes", text, StringComparison.Ordinal);
    }

    // ExampleMutex_Lock
    [Fact]
    public async Task A_lock_that_is_granted_is_held_and_unlocked()
    {
        await using ScriptedNode scripted = new ScriptedNode().ExpectLock("example-mutex-lock", Reply.Ok);
        await using RedlockFactory factory = new RedlockFactory(scripted.Nodes(1));
        RedlockMutex mutex = factory.CreateMutex("example-mutex-lock", MutexOptions.NonBlocking);
        await using (LockHandle held = await mutex.LockAsync(Cancellation))
        {
            Assert.True(held.IsHeld);
        }

        scripted.Verify();
    }

    // ExampleMutex_WithLock
    [Fact]
    public async Task With_lock_runs_only_under_a_lock_that_is_granted()
    {
        await using ScriptedNode scripted = new ScriptedNode().ExpectLock(
            "example-mutex-with-lock", Reply.Nil, Reply.Ok, Reply.Error("err"));
        await using RedlockFactory factory = new RedlockFactory(scripted.Nodes(1));
        string result = "no calls";
        RedlockMutex first = factory.CreateMutex("example-mutex-with-lock", MutexOptions.NonBlocking);
        Assert.False(first.WithLock(() => Assert.Fail("contended"), Cancellation));
        RedlockMutex second = factory.CreateMutex("example-mutex-with-lock", MutexOptions.NonBlocking);
        Assert.True(second.WithLock(() => result = "second called", Cancellation));
        RedlockMutex third = factory.CreateMutex("example-mutex-with-lock", MutexOptions.NonBlocking);
        Assert.False(third.WithLock(() => Assert.Fail("refused"), Cancellation));
        Assert.Equal("second called", result);
        Assert.Equal(NodeVote.HeldByOther, first.LastAttemptByAnyone[0].Vote);
        Assert.Equal(NodeVote.Failed, third.LastAttemptByAnyone[0].Vote);
        scripted.Verify();
    }

    // ExampleAddLockExpects
    [Fact]
    public async Task Five_locks_get_the_five_replies_of_the_script()
    {
        await using ScriptedNode scripted = new ScriptedNode().ExpectLock(
            "example-lock-expects", Reply.Ok, Reply.Ok, Reply.Nil, Reply.Nil, Reply.Error("ERR uh-oh"));
        await using RedlockFactory factory = new RedlockFactory(scripted.Nodes(1));
        RedlockMutex mutex = factory.CreateMutex("example-lock-expects", MutexOptions.NonBlocking);
        (await mutex.LockAsync(Cancellation)).ToString();
        (await mutex.LockAsync(Cancellation)).ToString();
        Assert.Equal(LockStatus.Contended, (await FailAsync(mutex)).Status);
        Assert.Equal(LockStatus.Contended, (await FailAsync(mutex)).Status);
        LockFailedException failure = await FailAsync(mutex);
        Assert.Equal(LockStatus.Unavailable, failure.Status);
        Assert.Contains("uh-oh", failure.Message, StringComparison.Ordinal);
        scripted.Verify();
    }

    // ExampleAddLockExpects has a reply of "e" in the place of the second nil: no answer at all to SET, so no contention either.
    [Fact]
    public async Task A_reply_that_makes_no_sense_fails_the_lock_and_is_told()
    {
        await using ScriptedNode scripted = new ScriptedNode().ExpectLock(
            "example-lock-expects", Reply.Of(Resp.RespValue.SimpleString("e")));
        await using RedlockFactory factory = new RedlockFactory(scripted.Nodes(1));
        LockFailedException failure = await FailAsync(factory.CreateMutex("example-lock-expects", MutexOptions.NonBlocking));
        Assert.Equal(LockStatus.Unavailable, failure.Status);
        Assert.Contains("unexpected kind", failure.Message, StringComparison.Ordinal);
        scripted.Verify();
    }

    // ExampleServers, and Example, whose server is one of those here.
    [Fact]
    public async Task Temporary_servers_start_serve_and_leave_nothing_behind()
    {
        InstalledRedis.Require();
        List<TempRedis> servers = new List<TempRedis>();
        for (int i = 0; i < 2; i++)
        {
            servers.Add(await TempRedis.StartAsync(cancellationToken: Cancellation));
        }

        await using (RedlockFactory factory = RedlockFactory.Create(servers.Select(server => server.Endpoint)))
        {
            int calls = 0;
            RedlockMutex mutex = factory.CreateMutex("redsync-example", MutexOptions.NonBlocking);
            await using (await mutex.LockAsync(Cancellation))
            {
                calls++;
            }

            Assert.True(mutex.WithLock(() => calls++, Cancellation));
            Assert.Equal(2, calls);
        }

        foreach (TempRedis server in servers)
        {
            await server.DisposeAsync();
            Assert.Equal(0, server.ProcessId);
        }
    }

    private static Task<LockFailedException> FailAsync(RedlockMutex mutex) =>
        Assert.ThrowsAsync<LockFailedException>(async () => await mutex.LockAsync(Cancellation));
}
