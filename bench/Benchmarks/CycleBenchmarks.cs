using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Attributes;

namespace Redlock.Fast.Bench;

/// <summary>Lock and unlock on real servers, each kind of call beside the floor and beside StackExchange.Redis' LockTake and LockRelease.</summary>
[MemoryDiagnoser]
[SuppressMessage("Design", "CA1001", Justification = "GlobalCleanup disposes.")]
public class CycleBenchmarks
{
    private Servers _servers = null!;
    private RedlockFactory _factory = null!;
    private RedlockMutex _pooled = null!;
    private RedlockMutex _inline = null!;
    private Floor _floor = null!;
    private StackExchangeLoad? _peer;

    [Params(1, 3, 5)]
    public int Nodes { get; set; }

    [Params("tcp", "unix")]
    public string Transport { get; set; } = "tcp";

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _servers = await Servers.StartAsync(Nodes);
        string[] endpoints = _servers.Endpoints(Transport, Nodes);
        _factory = RedlockFactory.Create(endpoints);
        await _factory.WaitUntilConnectedAsync();
        _pooled = _factory.CreateMutex("async-cycle-name", MutexOptions.NonBlocking);
        _inline = _factory.CreateMutex("inlin-cycle-name", MutexOptions.NonBlocking with { Continuation = ContinuationMode.Inline });
        _floor = new Floor(endpoints, "floor-cycle-name", MutexOptions.NonBlocking.Expiry);

        // The peer's oldest version that restores everywhere speaks TCP only, and locks one node.
        _peer = Transport == "tcp" && Nodes == 1 ? await StackExchangeLoad.ConnectAsync(endpoints[0]) : null;
    }

    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        _peer?.Dispose();
        _floor.Dispose();
        await _factory.DisposeAsync();
        await _servers.DisposeAsync();
    }

    [Benchmark(Baseline = true)]
    public void BlockingFloor() => _floor.Cycle();

    [Benchmark]
    public async Task<UnlockStatus> Async() => await _pooled.UnlockAsync((await _pooled.TryLockAsync()).Token);

    [Benchmark]
    public async Task<UnlockStatus> AsyncInline() => await _inline.UnlockAsync((await _inline.TryLockAsync()).Token);

    [Benchmark]
    public UnlockStatus Synchronous() => _pooled.Unlock(_pooled.TryLock().Token);

    [Benchmark]
    public Task StackExchangeLockTake() => _peer is null ? Task.CompletedTask : _peer.RunOnceAsync("peer-cycle-name");
}
