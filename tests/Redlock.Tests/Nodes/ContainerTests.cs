
namespace Redlock.Fast.Tests;

/// <summary>Locks on the servers of today's images. All tests of servers run on them by <c>tests/containers.sh</c>.</summary>
public sealed class ContainerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("redis:7")]
    [InlineData("redis:8")]
    [InlineData("valkey/valkey:9")]
    public async Task A_quorum_of_containers_takes_extends_and_releases(string image)
    {
        using ServerContainer first = await ServerContainer.StartAsync(image);
        using ServerContainer second = await ServerContainer.StartAsync(image);
        using ServerContainer third = await ServerContainer.StartAsync(image);
        await using RedlockFactory factory = RedlockFactory.Create(first.Endpoint, second.Endpoint, third.Endpoint);
        await Inspection.AllConnectedAsync(factory);
        RedlockMutex mutex = factory.PatientMutex(Inspection.NewName());

        LockResult taken = await mutex.TryLockAsync(Cancellation);
        Assert.Equal(LockStatus.Acquired, taken.Status);
        Assert.Equal(LockStatus.Contended, (await mutex.TryLockAsync(Cancellation)).Status);
        ExtendResult longer = await mutex.ExtendAsync(taken.Token, Cancellation);
        Assert.Equal(ExtendStatus.Extended, longer.Status);
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(longer.Token, Cancellation));
        Assert.Equal(UnlockStatus.NotHeld, await mutex.UnlockAsync(longer.Token, Cancellation));
    }
}
