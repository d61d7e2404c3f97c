using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests.Testing;

public sealed class InMemoryQuorumTests
{
    [Fact]
    public async Task The_library_takes_extends_and_releases_on_stand_ins()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var first = InMemoryNode.Start();
        await using var second = InMemoryNode.Start(new InMemoryNodeOptions { Transports = InMemoryTransports.UnixSocket });
        await using var third = InMemoryNode.Start();
        await using var factory = RedlockFactory.Create(first.Endpoint, second.UnixEndpoint, third.Endpoint);

        // All of them: once the third is stopped, the second has to be there.
        await Inspection.AllConnectedAsync(factory);
        var mutex = factory.CreateMutex("stock", MutexOptions.NonBlocking);

        var taken = await mutex.TryLockAsync(cancellation);
        Assert.Equal(LockStatus.Acquired, taken.Status);
        Assert.Equal(LockStatus.Contended, (await mutex.TryLockAsync(cancellation)).Status);
        var extended = await mutex.ExtendAsync(taken.Token, cancellation);
        Assert.Equal(ExtendStatus.Extended, extended.Status);
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(extended.Token, cancellation));

        first.Faults.LoseAllData();
        third.Stop();
        var again = await mutex.TryLockAsync(cancellation);
        Assert.Equal(LockStatus.Acquired, again.Status);
    }
}
