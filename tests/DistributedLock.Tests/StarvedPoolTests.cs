using Medallion.Threading;
using Redlock.Fast.Extensions;

namespace Redlock.Fast.DistributedLock.Tests;

[Collection(nameof(StarvedPoolTests))]
[CollectionDefinition(nameof(StarvedPoolTests), DisableParallelization = true)]
public sealed class StarvedPoolTests(OneServer nodes) : IClassFixture<OneServer>
{
    [Fact]
    public async Task Blocking_calls_need_no_thread_of_the_pool()
    {
        await using RedlockFactory factory = await nodes.ConnectAsync();
        IDistributedLock door = nodes.ProviderOver(factory).CreateLock("door");
        IDistributedSynchronizationHandle held = await door.AcquireAsync(cancellationToken: TestContext.Current.CancellationToken);
        using BlockedPool blocked = new();
        Assert.Null(door.TryAcquire(TimeSpan.FromMilliseconds(20), CancellationToken.None));
        held.Dispose();
        IDistributedSynchronizationHandle? next = door.TryAcquire(default, CancellationToken.None);
        Assert.NotNull(next);
        next.Dispose();
        using IDistributedSynchronizationHandle last = door.Acquire(Eventually.Patience, CancellationToken.None);
        Assert.True(blocked.IsBlocked);
    }
}
