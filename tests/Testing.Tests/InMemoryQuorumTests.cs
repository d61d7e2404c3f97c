using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

public sealed class InMemoryQuorumTests
{
    [Fact]
    public async Task The_library_takes_extends_and_releases_on_stand_ins()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using InMemoryNode first = InMemoryNode.Start();
        await using InMemoryNode second = InMemoryNode.Start(new InMemoryNodeOptions { Transports = InMemoryTransports.UnixSocket });
        await using InMemoryNode third = InMemoryNode.Start();
        await using RedlockFactory factory = RedlockFactory.Create(first.Endpoint, second.UnixEndpoint, third.Endpoint);

        // All of them: once the third is stopped, the second has to be there.
        await Inspection.AllConnectedAsync(factory);
        RedlockMutex mutex = factory.CreateMutex("stock", MutexOptions.NonBlocking);

        LockResult taken = await mutex.TryLockAsync(cancellation);
        Assert.Equal(LockStatus.Acquired, taken.Status);
        Assert.Equal(LockStatus.Contended, (await mutex.TryLockAsync(cancellation)).Status);
        ExtendResult extended = await mutex.ExtendAsync(taken.Token, cancellation);
        Assert.Equal(ExtendStatus.Extended, extended.Status);
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(extended.Token, cancellation));

        first.Faults.LoseAllData();
        third.Stop();
        LockResult again = await mutex.TryLockAsync(cancellation);
        Assert.Equal(LockStatus.Acquired, again.Status);
    }
}
