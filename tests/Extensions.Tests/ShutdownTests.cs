using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Extensions.Tests;

public class ShutdownTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_end_of_the_host_waits_for_releases_under_way()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        IHost host = HostOver(node, Eventually.Patience);

        // As every health check does.
        RedlockFactory factory = host.Services.GetRequiredService<RedlockFactory>();
        await host.StartAsync(Token);
        RedlockMutex mutex = host.Services.GetRequiredService<LockProvider>().CreateMutex("door");
        LockHandle held = await mutex.LockAsync(Token);
        await host.StopAsync(Token);
        node.Faults.Stall();
        ValueTask releasing = held.DisposeAsync();
        Task ending = ((IAsyncDisposable)host).DisposeAsync().AsTask();
        Assert.False(ending.IsCompleted);
        Assert.True(Assert.IsType<RespNode>(Assert.Single(factory.Nodes)).IsConnected);
        node.Faults.Resume();
        await releasing;
        await ending.SoonAsync();
        await AssertReleasedAsync(node);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await mutex.TryLockAsync(Token));
    }

    [Fact]
    public async Task A_service_may_release_while_the_container_ends()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        IHost host = Hosts.Build(services => services
            .AddSingleton<Holder>()
            .AddRedlock(options => options.Nodes.Add(node.Endpoint)));
        Holder holder = host.Services.GetRequiredService<Holder>();
        await host.StartAsync(Token);
        holder.Held = await holder.Factory.CreateMutex("door").LockAsync(Token);
        await ((IAsyncDisposable)host).DisposeAsync();
        await AssertReleasedAsync(node);
    }

    [Fact]
    public async Task A_node_that_never_answers_is_not_waited_for_without_end()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        IHost host = HostOver(node, TimeSpan.FromMilliseconds(20));
        await host.StartAsync(Token);
        RedlockMutex mutex = host.Services.GetRequiredService<LockProvider>().CreateMutex("door");
        LockHandle held = await mutex.LockAsync(Token);
        node.Faults.Stall();
        ValueTask releasing = held.DisposeAsync();
        await ((IAsyncDisposable)host).DisposeAsync().AsTask().SoonAsync();
        await releasing;
        node.Faults.Resume();
    }

    [Theory]
    [InlineData(KeptAtStop.Release, 2, 0)]
    [InlineData(KeptAtStop.Leave, 0, 1)]
    public async Task Locks_that_are_still_kept_make_one_line_and_are_released_unless_they_are_to_be_left(
        KeptAtStop atStop, int released, int stored)
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RecordedLog log = new();
        IHost host = Hosts.Build(
            services => services.AddRedlock(options =>
            {
                options.Nodes.Add(node.Endpoint);
                options.KeptAtStop = atStop;
                options.StopTimeLimit = Eventually.Patience;
                options.Defaults.RenewFraction = 0.3;
            }),
            log);
        await host.StartAsync(Token);
        LockProvider locks = host.Services.GetRequiredService<LockProvider>();
        LockHandle held = await locks.CreateMutex("door").LockAsync(Token);
        LockHandle other = await locks.CreateMutex("window").LockAsync(Token);
        await host.StopAsync(Token);
        await ((IAsyncDisposable)host).DisposeAsync();
        Assert.Equal(
            $"Redlock: at the end 2 locks that are renewed or watched were still held; the release of {released} is confirmed, the "
                + "others go with their expiry at the latest.",
            Assert.Single(log.Entries, entry => entry.Level >= Microsoft.Extensions.Logging.LogLevel.Warning).Text);
        await using RespNode onlooker = RespNode.Connect(node.Endpoint);
        Assert.Equal(stored, (await onlooker.SendAsync("EXISTS", "door")).Integer);
        Assert.Equal(atStop == KeptAtStop.Leave, held.IsHeld && other.IsHeld);
    }

    [Fact]
    public async Task A_container_that_is_disposed_synchronously_closes_at_once()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        IHost host = HostOver(node, Eventually.Patience);
        await host.StartAsync(Token);
        LockProvider locks = host.Services.GetRequiredService<LockProvider>();
        RedlockMutex mutex = locks.CreateMutex("door");
        await mutex.LockAsync(Token);
        host.Dispose();
        Assert.Equal(RespNodeState.Disposed, Assert.IsType<RespNode>(Assert.Single(locks.Factory.Nodes)).State);
        Assert.Throws<ObjectDisposedException>(() => locks.CreateMutex("window"));
    }

    private static IHost HostOver(InMemoryNode node, TimeSpan stopTimeLimit) => Hosts.Build(services => services.AddRedlock(options =>
    {
        options.Nodes.Add(node.Endpoint);
        options.StopTimeLimit = stopTimeLimit;
    }));

    private static async Task AssertReleasedAsync(InMemoryNode node)
    {
        await using RespNode other = RespNode.Connect(node.Endpoint);
        Assert.Equal(0, (await other.SendAsync("EXISTS", "door")).Integer);
    }

    private sealed class Holder(RedlockFactory factory) : IAsyncDisposable
    {
        public RedlockFactory Factory => factory;

        public LockHandle Held { get; set; }

        public ValueTask DisposeAsync() => Held.DisposeAsync();
    }
}
