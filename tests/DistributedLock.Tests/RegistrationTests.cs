using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.DistributedLock.Tests;

public sealed class RegistrationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_line_behind_the_quorum_gives_a_provider_with_its_defaults()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using IHost host = Build(services => services
            .AddRedlock(options =>
            {
                options.Nodes.Add(node.Endpoint);
                options.Defaults.KeyPrefix = "app:";
                options.Defaults.Expiry = TimeSpan.FromSeconds(20);
            })
            .AddDistributedLockProvider());
        await host.StartAsync(Token);
        IDistributedLockProvider provider = host.Services.GetRequiredService<IDistributedLockProvider>();
        await using IDistributedSynchronizationHandle? held = await provider.TryAcquireLockAsync("door", default, Token);
        Assert.NotNull(held);
        await using RespNode onlooker = RespNode.Connect(node.Endpoint);
        Assert.InRange((await onlooker.SendAsync("PTTL", "app:door")).Integer, 15_000, 20_000);
        Assert.Same(provider, host.Services.GetRequiredService<RedlockDistributedLockProvider>());
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Two_quorums_have_a_provider_each()
    {
        await using InMemoryNode first = InMemoryNode.Start();
        await using InMemoryNode second = InMemoryNode.Start();
        using IHost host = Build(services => services
            .AddRedlock(options => options.Nodes.Add(first.Endpoint))
            .AddDistributedLockProvider()
            .AddDistributedLockProvider()
            .AddKeyedRedlock("billing", options => options.Nodes.Add(second.Endpoint))
            .AddKeyedDistributedLockProvider("billing", options => options with { Expiry = TimeSpan.FromSeconds(30) })
            .AddKeyedDistributedLockProvider("billing"));
        IDistributedLockProvider one = Assert.Single(host.Services.GetServices<IDistributedLockProvider>());
        IDistributedLockProvider other = Assert.Single(host.Services.GetKeyedServices<IDistributedLockProvider>("billing"));
        await using IDistributedSynchronizationHandle held = await one.AcquireLockAsync("door", null, Token);
        await using IDistributedSynchronizationHandle? beside = await other.TryAcquireLockAsync("door", default, Token);
        Assert.NotNull(beside);
        Assert.Null(await one.TryAcquireLockAsync("door", default, Token));
        await using RespNode onlooker = RespNode.Connect(second.Endpoint);
        Assert.InRange((await onlooker.SendAsync("PTTL", "door")).Integer, 20_000, 30_000);
    }

    [Fact]
    public async Task The_end_of_the_container_tells_who_still_holds_and_lets_others_in()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        ServiceProvider container = new ServiceCollection()
            .AddRedlock(options => options.Nodes.Add(node.Endpoint))
            .AddDistributedLockProvider()
            .BuildServiceProvider();
        IDistributedSynchronizationHandle held =
            await container.GetRequiredService<IDistributedLockProvider>().AcquireLockAsync("door", null, Token);
        CancellationToken lost = held.HandleLostToken;
        await container.DisposeAsync();
        await Eventually.Holds(() => lost.IsCancellationRequested);
        await held.DisposeAsync();
        await using RedlockFactory other = RedlockFactory.Create(node.Endpoint);
        await using LockHandle next = await other.CreateMutex("door").LockAsync(Token);
        Assert.True(next.IsHeld);
    }

    [Fact]
    public void It_takes_the_place_of_another_librarys_provider()
    {
        using InProcessLocks locks = new();
        using IHost host = Build(services => services
            .AddSingleton<IDistributedLockProvider>(new RedlockDistributedLockProvider(new Extensions.LockProvider(locks.Factory)))
            .AddRedlock(options => options.Nodes.Add("127.0.0.1:1"))
            .AddDistributedLockProvider());
        Assert.Same(
            host.Services.GetRequiredService<RedlockDistributedLockProvider>(),
            host.Services.GetRequiredService<IDistributedLockProvider>());
    }

    [Fact]
    public void Without_a_quorum_it_says_what_is_missing()
    {
        using IHost host = Build(services => services.AddDistributedLockProvider().AddKeyedDistributedLockProvider("billing"));
        InvalidOperationException missing =
            Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredService<IDistributedLockProvider>());
        Assert.Contains("services.AddRedlock(...)", missing.Message, StringComparison.Ordinal);
        missing = Assert.Throws<InvalidOperationException>(
            () => host.Services.GetRequiredKeyedService<IDistributedLockProvider>("billing"));
        Assert.Contains("services.AddKeyedRedlock(\"billing\", ...)", missing.Message, StringComparison.Ordinal);
    }

    private static IHost Build(Action<IServiceCollection> register)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        register(builder.Services);
        return builder.Build();
    }
}
