using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Extensions.Tests;

public class LockProviderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_made_by_hand_locks_like_the_containers()
    {
        await using InProcessLocks locks = new();
        LockProvider provider = new(locks.Factory, MutexOptions.NonBlocking);
        Assert.Same(locks.Factory, provider.Factory);
        await using LockHandle held = await provider.CreateMutex("door").LockAsync(Token);
        RedlockMutex second = provider.CreateMutex("door", defaults => defaults with { Expiry = TimeSpan.FromMinutes(1) });
        Assert.Equal(MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMinutes(1) }, second.Options);
        Assert.Equal(LockStatus.Contended, (await second.TryLockAsync(Token)).Status);
    }

    [Fact]
    public async Task Whoever_has_the_factory_injected_gets_the_configured_defaults_too()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using IHost host = Hosts.Build(services => services
            .AddRedlock(options =>
            {
                options.Nodes.Add(node.Endpoint);
                options.Defaults.KeyPrefix = "app:";
                options.Defaults.RenewFraction = 0.3;
            })
            .AddKeyedRedlock("billing", options =>
            {
                options.Nodes.Add(node.Endpoint);
                options.Defaults.KeyPrefix = "billing:";
            }));
        ILockProvider locks = host.Services.GetRequiredService<ILockProvider>();
        Assert.Same(host.Services.GetRequiredService<LockProvider>(), locks);
        Assert.Equal(locks.Defaults, host.Services.GetRequiredService<RedlockFactory>().CreateMutex("door").Options);
        await using LockHandle held = await host.Services.GetRequiredService<RedlockFactory>().CreateMutex("door").LockAsync(Token);
        Assert.Equal(LockStatus.Contended, (await locks.CreateMutex("door").TryLockAsync(Token)).Status);
        ILockProvider billing = host.Services.GetRequiredKeyedService<ILockProvider>("billing");
        Assert.Equal("billing:", billing.CreateMutex("door").Options.KeyPrefix);
        Assert.True((await billing.CreateMutex("door").TryLockAsync(Token)).IsAcquired);
    }

    [Fact]
    public void Without_defaults_it_has_the_librarys()
    {
        using InProcessLocks locks = new();
        Assert.Equal(MutexOptions.Blocking, new LockProvider(locks.Factory).Defaults);
        Assert.Throws<ArgumentNullException>(() => new LockProvider(null!));
    }
}
