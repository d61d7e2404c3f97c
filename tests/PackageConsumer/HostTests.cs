using Medallion.Threading;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Redlock.Fast;
using Redlock.Fast.Extensions;
using Redlock.Fast.Testing;
using ZiggyCreatures.Caching.Fusion;

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
            .AddFusionCacheDistributedLocker()
            .AddLeaderElection("reports")
            .AddSingleton<Stock>()
            .AddSingleton<Invoices>()
            .AddSingleton<Reports>()
            .AddHostedService(services => services.GetRequiredService<Reports>());
        builder.Services.AddFusionCache().WithRegisteredDistributedLocker();
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

    [Fact]
    public async Task A_cache_has_the_locker()
    {
        var cache = Get<IFusionCache>();
        Assert.True(cache.HasDistributedLocker);
        Assert.Equal(42, await cache.GetOrSetAsync("answer", 42, token: Cancellation));
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
