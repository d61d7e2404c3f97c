using System.Text.Json;
using Medallion.Threading;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Redlock.Fast;
using Redlock.Fast.Extensions;
using Redlock.Fast.Testing;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Serialization;

namespace PackageConsumer;

/// <summary>Services as their authors write them, in a host, with the packages alone.</summary>
public sealed class HostTests : IAsyncLifetime
{
    private readonly InMemoryNode _node = InMemoryNode.Start();
    private IHost? _host;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Redlock:Nodes:0"] = _node.Endpoint,
            ["Redlock:StartTimeLimit"] = "30s",
            ["Redlock:Defaults:KeyPrefix"] = "shop:",
        });
        builder.Services
            .AddRedlock(builder.Configuration.GetSection("Redlock"))
            .AddDistributedLockProvider()
            .AddKeyedRedlock("billing", options => options.Nodes.Add(_node.UnixEndpoint))
            .AddKeyedDistributedLockProvider("billing")
            .AddFusionCacheDistributedLocker()
            .AddLeaderElection("reports")
            .AddSingleton<Stock>()
            .AddSingleton<Invoices>()
            .AddSingleton<IApplicationLock, ApplicationLock>()
            .AddSingleton<Reports>()
            .AddHostedService(services => services.GetRequiredService<Reports>());
        builder.Services.AddHealthChecks().AddRedlock(tags: ["ready"]);
        builder.Services.AddDistributedMemoryCache();
        foreach (var cache in (string[])["one", "other"])
        {
            builder.Services.AddFusionCache(cache)
                .WithSerializer(new TextSerializer())
                .WithRegisteredDistributedCache(ignoreMemoryDistributedCache: false)
                .WithRegisteredDistributedLocker();
        }

        _host = builder.Build();
        await _host.StartAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _host!.StopAsync(Cancellation);
        await ((IAsyncDisposable)_host).DisposeAsync();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task A_service_locks_by_the_provider_that_it_is_given()
    {
        var stock = Get<Stock>();
        Assert.True(await stock.TryTakeAsync(Cancellation));
        await using var held = await Get<RedlockFactory>().CreateMutex("stock").LockAsync(Cancellation);
        Assert.False(await stock.TryTakeAsync(Cancellation));
    }

    [Fact]
    public async Task A_service_that_is_written_to_the_interfaces_of_another_library_locks()
    {
        var invoices = Get<Invoices>();
        Assert.True(await invoices.SendAsync(Cancellation));
        await using (await Get<IDistributedLockProvider>().AcquireLockAsync("invoices", cancellationToken: Cancellation))
        {
            Assert.False(await invoices.SendAsync(Cancellation));
        }

        Assert.True(await invoices.SendAsync(Cancellation));
    }

    /// <summary>As ABP does: a service of the framework is given the provider, and gives its own handle, or none.</summary>
    [Fact]
    public async Task A_framework_that_wraps_the_provider_gives_a_handle_or_none()
    {
        var locks = Get<IApplicationLock>();
        await using (var held = await locks.TryAcquireAsync("invoices", TimeSpan.Zero, Cancellation))
        {
            Assert.NotNull(held);
            Assert.Null(await locks.TryAcquireAsync("invoices", TimeSpan.Zero, Cancellation));
            Assert.False(await Get<Invoices>().SendAsync(Cancellation));
        }

        await using var next = await locks.TryAcquireAsync("invoices", TimeSpan.Zero, Cancellation);
        Assert.NotNull(next);
    }

    [Fact]
    public async Task A_keyed_quorum_locks_behind_both_interfaces()
    {
        var provider = _host!.Services.GetRequiredKeyedService<IDistributedLockProvider>("billing");
        var mutex = _host.Services.GetRequiredKeyedService<ILockProvider>("billing").CreateMutex("invoice");
        using (provider.AcquireLock("invoice", cancellationToken: Cancellation))
        {
            Assert.Equal(LockStatus.Contended, (await mutex.TryLockAsync(Cancellation)).Status);
        }

        Assert.True((await mutex.TryLockAsync(Cancellation)).IsAcquired);
    }

    [Fact]
    public async Task The_node_is_healthy()
    {
        var report = await Get<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready"), Cancellation);
        Assert.Equal(HealthStatus.Healthy, report.Status);
        Assert.Contains("redlock", report.Entries.Keys);
    }

    [Fact]
    public async Task Two_caches_that_miss_a_key_at_once_call_the_factory_once()
    {
        var caches = Get<IFusionCacheProvider>();
        var calls = 0;
        var answers = await Task.WhenAll(
            from name in (string[])["one", "other"]
            from caller in Enumerable.Range(0, 5)
            select Task.Run(async () => await caches.GetCache(name).GetOrSetAsync<string>("answer", MakeAsync, token: Cancellation)));
        Assert.All(answers, answer => Assert.Equal("42", answer));
        Assert.Equal(1, calls);

        async Task<string> MakeAsync(FusionCacheFactoryExecutionContext<string> _, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref calls);
            await Task.Delay(50, cancellationToken);
            return "42";
        }
    }

    [Fact]
    public async Task A_leader_works() => await Get<Reports>().Led.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

    private T Get<T>()
        where T : notnull => _host!.Services.GetRequiredService<T>();

    private sealed class Stock(ILockProvider locks)
    {
        private readonly RedlockMutex _mutex = locks.CreateMutex("stock");

        public async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
        {
            await using LockResult taken = await _mutex.TryLockAsync(TimeSpan.FromMilliseconds(100), cancellationToken);
            return taken.IsAcquired;
        }
    }

    private sealed class Invoices(IDistributedLockProvider locks)
    {
        public async Task<bool> SendAsync(CancellationToken cancellationToken)
        {
            await using IDistributedSynchronizationHandle? held =
                await locks.TryAcquireLockAsync("invoices", TimeSpan.FromMilliseconds(100), cancellationToken);
            return held is not null;
        }
    }

    private interface IApplicationLock
    {
        Task<IAsyncDisposable?> TryAcquireAsync(string name, TimeSpan timeout, CancellationToken cancellationToken);
    }

    private sealed class ApplicationLock(IDistributedLockProvider provider) : IApplicationLock
    {
        public async Task<IAsyncDisposable?> TryAcquireAsync(string name, TimeSpan timeout, CancellationToken cancellationToken) =>
            await provider.TryAcquireLockAsync(name, timeout, cancellationToken) is { } handle ? new Held(handle) : null;

        private sealed class Held(IDistributedSynchronizationHandle handle) : IAsyncDisposable
        {
            public ValueTask DisposeAsync() => handle.DisposeAsync();
        }
    }

    private sealed class TextSerializer : IFusionCacheSerializer
    {
        public byte[] Serialize<T>(T? obj) => JsonSerializer.SerializeToUtf8Bytes(obj);

        public T? Deserialize<T>(byte[] data) => JsonSerializer.Deserialize<T>(data);

        public ValueTask<byte[]> SerializeAsync<T>(T? obj, CancellationToken token = default) => new(Serialize(obj));

        public ValueTask<T?> DeserializeAsync<T>(byte[] data, CancellationToken token = default) => new(Deserialize<T>(data));
    }

    private sealed class Reports(ILeaderElection election) : LeaderService(election)
    {
        private readonly TaskCompletionSource _led = new();

        public Task Led => _led.Task;

        protected override async Task ExecuteAsLeaderAsync(LeaderTerm term, CancellationToken lost)
        {
            _led.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, lost);
        }
    }
}
