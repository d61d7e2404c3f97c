using Redlock.Fast.Testing;
using StackExchange.Redis;

namespace Redlock.Fast.Tests.Testing;

/// <summary>Another client's commands find an in-memory node as they would find a server.</summary>
public sealed class StackExchangeRedisTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_sets_gets_deletes_and_runs_the_librarys_scripts()
    {
        await using var node = InMemoryNode.Start();
        var options = ConfigurationOptions.Parse(node.Endpoint);
        options.CommandMap = CommandMap.Create(["SUBSCRIBE", "CONFIG", "CLUSTER"], available: false);
        using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        var database = connection.GetDatabase();

        Assert.True(await database.StringSetAsync("key", "value", TimeSpan.FromMinutes(1)));
        Assert.Equal("value", await database.StringGetAsync("key"));
        Assert.True(await database.KeyDeleteAsync("key"));

        var taken = await database.LockTakeAsync("stock", "mine", TimeSpan.FromMinutes(1));
        Assert.True(taken);
        Assert.False(await database.LockTakeAsync("stock", "theirs", TimeSpan.FromMinutes(1)));
        await using var factory = RedlockFactory.Create(node.Endpoint);
        Assert.Equal(LockStatus.Contended, (await factory.CreateMutex("stock").TryLockAsync(Cancellation)).Status);

        Assert.Equal(-1, (int)await database.ScriptEvaluateAsync(RedlockScripts.Release.Text, ["stock"], ["theirs"]));
        Assert.Equal(1, (int)await database.ScriptEvaluateAsync(RedlockScripts.Extend.Text, ["stock"], ["mine", 1000]));
        Assert.Equal(1, (int)await database.ScriptEvaluateAsync(RedlockScripts.Release.Text, ["stock"], ["mine"]));

        Assert.True(await database.LockTakeAsync("stock", "mine", TimeSpan.FromMinutes(1)));
        Assert.False(await database.LockReleaseAsync("stock", "theirs"));
        Assert.True(await database.LockReleaseAsync("stock", "mine"));
        Assert.True((await factory.CreateMutex("stock").TryLockAsync(Cancellation)).IsAcquired);
    }
}
