using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace Redlock.Fast.Bench;

/// <summary>Lock and unlock on one real server over TCP, beside StackExchange.Redis' LockTake and LockRelease.</summary>
/// <remarks>One node, because the peer locks no more; TCP, as the peer is mostly used.</remarks>
[MemoryDiagnoser]
[SuppressMessage("Design", "CA1001", Justification = "GlobalCleanup disposes.")]
public class PeerBenchmarks
{
    private Servers _servers = null!;
    private RedlockFactory _factory = null!;
    private RedlockMutex _mutex = null!;
    private StackExchangeLoad _peer = null!;

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _servers = await Servers.StartAsync(1);
        string[] endpoints = _servers.Endpoints("tcp", 1);
        _factory = RedlockFactory.Create(endpoints);
        await _factory.WaitUntilConnectedAsync();
        _mutex = _factory.CreateMutex("cycle-name", MutexOptions.NonBlocking);
        _peer = await StackExchangeLoad.ConnectAsync(endpoints[0]);
    }

    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        _peer.Dispose();
        await _factory.DisposeAsync();
        await _servers.DisposeAsync();
    }

    [Benchmark(Baseline = true)]
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<UnlockStatus> RedlockFast() => await _mutex.UnlockAsync((await _mutex.TryLockAsync()).Token);

    [Benchmark]
    public Task StackExchangeLockTake() => _peer.RunOnceAsync("peer-name");
}
