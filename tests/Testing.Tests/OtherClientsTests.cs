using Medallion.Threading.Redis;
using Redlock.Fast.Testing;
using RedLockNet;
using RedLockNet.SERedis;
using RedLockNet.SERedis.Configuration;
using StackExchange.Redis;

namespace Redlock.Fast.Testing.Tests;

/// <summary>Today's clients take, extend and release locks on an in-memory node as on a server.</summary>
public sealed class OtherClientsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData(RedisProtocol.Resp2)]
    [InlineData(RedisProtocol.Resp3)]
    public async Task StackExchange_redis_takes_extends_and_releases(RedisProtocol? protocol)
    {
        await using InMemoryNode node = InMemoryNode.Start();
        ConfigurationOptions options = ConfigurationOptions.Parse(node.Endpoint);
        options.Protocol = protocol;
        using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(options);
        IDatabase database = connection.GetDatabase();

        Assert.True(await database.LockTakeAsync("stock", "mine", TimeSpan.FromMinutes(1)));
        Assert.False(await database.LockTakeAsync("stock", "theirs", TimeSpan.FromMinutes(1)));
        Assert.Equal("mine", await database.LockQueryAsync("stock"));
        Assert.False(await database.LockExtendAsync("stock", "theirs", TimeSpan.FromMinutes(10)));
        Assert.True(await database.LockExtendAsync("stock", "mine", TimeSpan.FromMinutes(10)));
        Assert.InRange((await database.KeyTimeToLiveAsync("stock"))!.Value, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
        await using RedlockFactory factory = RedlockFactory.Create(node.Endpoint);
        await Inspection.AllConnectedAsync(factory);
        Assert.Equal(LockStatus.Contended, (await factory.PatientMutex("stock").TryLockAsync(Cancellation)).Status);
        Assert.False(await database.LockReleaseAsync("stock", "theirs"));
        Assert.True(await database.LockReleaseAsync("stock", "mine"));
        Assert.True((await factory.PatientMutex("stock").TryLockAsync(Cancellation)).IsAcquired);
    }

    [Fact]
    public async Task StackExchange_redis_sets_gets_deletes_and_runs_the_librarys_scripts()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(node.Endpoint);
        IDatabase database = connection.GetDatabase();
        Assert.True(await database.StringSetAsync("key", "value", TimeSpan.FromMinutes(1)));
        Assert.Equal("value", await database.StringGetAsync("key"));
        Assert.True(await database.KeyExpireAsync("key", TimeSpan.FromMinutes(2), ExpireWhen.GreaterThanCurrentExpiry));
        Assert.True(await database.KeyPersistAsync("key"));
        Assert.True(await database.KeyDeleteAsync("key"));

        Assert.True(await database.LockTakeAsync("stock", "mine", TimeSpan.FromMinutes(1)));
        Assert.Equal(-1, (int)await database.ScriptEvaluateAsync(RedlockScripts.Release.Text, ["stock"], ["theirs"]));
        Assert.Equal(1, (int)await database.ScriptEvaluateAsync(RedlockScripts.Extend.Text, ["stock"], ["mine", 1000]));
        Assert.Equal(1, (int)await database.ScriptEvaluateAsync(RedlockScripts.Release.Text, ["stock"], ["mine"]));
    }

    [Fact]
    public async Task DistributedLock_takes_extends_and_releases()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(node.Endpoint);
        IDatabase database = connection.GetDatabase();
        RedisDistributedLock distributed = new RedisDistributedLock(
            "stock", database, options => options.Expiry(TimeSpan.FromMinutes(1)).ExtensionCadence(TimeSpan.FromMilliseconds(10)));

        RedisDistributedLockHandle? held = await distributed.TryAcquireAsync(cancellationToken: Cancellation);
        Assert.NotNull(held);
        Assert.Null(await distributed.TryAcquireAsync(cancellationToken: Cancellation));
        await ExtendedAsync(database, "stock");
        Assert.False(held.HandleLostToken.IsCancellationRequested);
        await held.DisposeAsync();
        Assert.False(await database.KeyExistsAsync("stock"));
    }

    [Fact]
    public async Task RedLock_net_takes_extends_and_releases()
    {
        await using InMemoryNode first = InMemoryNode.Start();
        await using InMemoryNode second = InMemoryNode.Start();
        await using InMemoryNode third = InMemoryNode.Start();
        using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(first.Endpoint);
        using ConnectionMultiplexer connection2 = await ConnectionMultiplexer.ConnectAsync(second.Endpoint);
        using ConnectionMultiplexer connection3 = await ConnectionMultiplexer.ConnectAsync(third.Endpoint);
        using RedLockFactory redlock = RedLockFactory.Create([new RedLockMultiplexer(connection), new(connection2), new(connection3)]);

        // It extends at half of the expiry, on a thread of the pool that it blocks: on a busy machine it may come too late, here as on a
        // server.
        for (int extended = 0; extended == 0;)
        {
            await using IRedLock held = await redlock.CreateLockAsync(
                "stock", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(50));
            Assert.True(held.IsAcquired, $"{held.Status} {held.InstanceSummary}");
            await using (IRedLock refused = await redlock.CreateLockAsync("stock", TimeSpan.FromSeconds(2)))
            {
                Assert.False(refused.IsAcquired && held.IsAcquired);
            }

            await Eventually.Holds(() => (extended = held.ExtendCount) > 0 || !held.IsAcquired);
        }

        foreach (ConnectionMultiplexer? server in new[] { connection, connection2, connection3 })
        {
            Assert.False(await server.GetDatabase().KeyExistsAsync("redlock:stock"));
        }
    }

    // The shapes that go-redsync's release, touch and touch-or-take have.
    [Theory]
    [InlineData("local v = redis.call('GET', KEYS[1]) if v == ARGV[1] then return redis.call('DEL', KEYS[1]) elseif v == false then "
        + "return -1 else return 0 end")]
    [InlineData("if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) else return 0 end")]
    [InlineData("if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) elseif redis.call('SET', "
        + "KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return 1 else return 0 end")]
    public async Task Scripts_in_the_shape_of_redsyncs_do_what_they_do_in_redis(string script)
    {
        await using StandInPair pair = await StandInPair.StartAsync();
        await pair.CompareAsync("EVAL", script, "1", "stock", "mine", "100000");
        await pair.CompareAsync("SET", "stock", "mine", "PX", "50000");
        await pair.CompareAsync("EVAL", script, "1", "stock", "theirs", "100000");
        await pair.CompareAsync("TTL", "stock");
        await pair.CompareAsync("EVAL", script, "1", "stock", "mine", "100000");
        await pair.CompareAsync("TTL", "stock");
        await pair.CompareAsync("EVALSHA", InMemoryScripts.HashOf(script), "1", "stock", "mine", "200000");
        await pair.CompareAsync("TTL", "stock");
    }

    // Every extension sets the expiry anew.
    private static async Task ExtendedAsync(IDatabase database, string key)
    {
        Assert.True(await database.KeyExpireAsync(key, TimeSpan.FromSeconds(30)));
        while ((await database.KeyTimeToLiveAsync(key))!.Value < TimeSpan.FromSeconds(40))
        {
            await Task.Delay(5, Cancellation);
        }
    }
}
