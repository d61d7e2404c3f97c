using Redlock.Fast;
using Redlock.Fast.Testing;

namespace PackageConsumer;

public sealed class PackageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_double_works()
    {
        var clock = new ManualTimeProvider();
        await using var locks = new InProcessLocks(clock);
        ILocker mutex = locks.CreateMutex("stock", MutexOptions.NonBlocking);
        var held = await mutex.LockAsync(Cancellation);
        Assert.Equal(LockStatus.Contended, (await mutex.TryLockAsync(Cancellation)).Status);
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(held.IsHeld);
        Assert.True((await mutex.TryLockAsync(Cancellation)).IsAcquired);
    }

    [Fact]
    public async Task The_scripted_node_works()
    {
        await using var scripted = new ScriptedNode().ExpectLock("stock", Reply.Nil, Reply.Ok).ExpectUnlock("stock", Reply.Done);
        await using var factory = new RedlockFactory(scripted.Nodes(1));
        var mutex = factory.CreateMutex("stock", MutexOptions.NonBlocking);
        Assert.False(mutex.WithLock(() => Assert.Fail("contended"), Cancellation));
        Assert.True(mutex.WithLock(() => { }, Cancellation));
        scripted.Verify();
    }

    [Fact]
    public async Task The_in_memory_node_works()
    {
        await using var node = InMemoryNode.Start();
        await using var factory = RedlockFactory.Create(node.Endpoint);
        await using var held = await factory.CreateMutex("stock").LockAsync(Cancellation);
        Assert.True(held.IsHeld);
    }

    [Fact]
    public async Task The_temporary_server_works()
    {
        Assert.SkipUnless(TempRedis.IsAvailable(out var reason), reason);
        await using var redis = await TempRedis.StartAsync(cancellationToken: Cancellation);
        await using var factory = RedlockFactory.Create(redis.UnixEndpoint);
        await using var held = await factory.CreateMutex("stock").LockAsync(Cancellation);
        Assert.True(held.IsHeld);
    }
}
