using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Redlock.Fast.Testing;
using ZiggyCreatures.Caching.Fusion;

namespace Redlock.Fast.FusionCache.Tests;

/// <summary>Two instances of a service, each with a cache and connections of its own, over one server and one store.</summary>
public sealed class StampedeTests : IAsyncLifetime
{
    private const int CallersOfEach = 16;

    private readonly MemoryDistributedCache _store = new(Options.Create(new MemoryDistributedCacheOptions()));
    private readonly List<ServiceProvider> _instances = [];
    private TempRedis? _redis;
    private int _calls;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        InstalledRedis.Require();
        _redis = await TempRedis.StartAsync(cancellationToken: Token);
        _instances.Add(StartInstance());
        _instances.Add(StartInstance());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ServiceProvider instance in _instances)
        {
            await instance.DisposeAsync();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    [Fact]
    public async Task One_factory_runs_however_many_instances_miss_a_key()
    {
        List<Task<int>> callers = [];
        TaskCompletionSource mayEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (IFusionCache cache in Caches())
        {
            for (int caller = 0; caller < CallersOfEach; caller++)
            {
                callers.Add(cache.GetOrSetAsync<int>("answer", (_, _) => ComputeAsync(mayEnd.Task), token: Token).AsTask());
            }
        }

        await Eventually.Holds(() => Volatile.Read(ref _calls) == 1);
        await EveryInstanceAsksAsync();
        mayEnd.SetResult();
        Assert.All(await Task.WhenAll(callers).SoonAsync(), answer => Assert.Equal(42, answer));
        Assert.Equal(1, _calls);
    }

    [Fact]
    public async Task One_factory_runs_for_callers_that_block()
    {
        using ManualResetEventSlim mayEnd = new();
        List<Thread> callers = [];
        int right = 0;
        foreach (IFusionCache cache in Caches())
        {
            for (int caller = 0; caller < CallersOfEach; caller++)
            {
                Thread thread = new(() =>
                {
                    int answer = cache.GetOrSet<int>(
                        "answer",
                        (_, _) =>
                        {
                            Interlocked.Increment(ref _calls);
                            mayEnd.Wait(CancellationToken.None);
                            return 42;
                        },
                        token: CancellationToken.None);
                    Interlocked.Add(ref right, answer == 42 ? 1 : 0);
                });
                thread.UnsafeStart();
                callers.Add(thread);
            }
        }

        await Eventually.Holds(() => Volatile.Read(ref _calls) == 1);
        await EveryInstanceAsksAsync();
        mayEnd.Set();
        Assert.All(callers, caller => Assert.True(caller.Join(Eventually.Patience)));
        Assert.Equal(1, _calls);
        Assert.Equal(2 * CallersOfEach, right);
    }

    private ValueTask<int> ComputeAsync() => new(42);

    private async Task<int> ComputeAsync(Task mayEnd)
    {
        Interlocked.Increment(ref _calls);
        await mayEnd;
        return await ComputeAsync();
    }

    /// <summary>The other instance waits at the server: without its lock it would have called by then.</summary>
    private async Task EveryInstanceAsksAsync()
    {
        await using Resp.RespNode onlooker = Resp.RespNode.Connect(_redis!.Endpoint);
        await Eventually.Holds(async () =>
            (await onlooker.SendAsync("PUBSUB", "CHANNELS", "*")).Items.Count > 0);
    }

    private IEnumerable<IFusionCache> Caches() => _instances.Select(instance => instance.GetRequiredService<IFusionCache>());

    private ServiceProvider StartInstance()
    {
        ServiceCollection services = new();
        services.AddSingleton<IDistributedCache>(_store);
        services
            .AddRedlock(options =>
            {
                options.Nodes.Add(_redis!.Endpoint);
                options.Defaults.KeyPrefix = "cache:";
                options.Defaults.Expiry = TimeSpan.FromMinutes(1);
            })
            .AddFusionCacheDistributedLocker();
        services.AddFusionCache()
            .WithDefaultEntryOptions(options => options.SetDuration(TimeSpan.FromMinutes(5)))
            .WithSerializer(new TextSerializer())
            .WithRegisteredDistributedCache(ignoreMemoryDistributedCache: false)
            .WithRegisteredDistributedLocker();
        return services.BuildServiceProvider();
    }
}
