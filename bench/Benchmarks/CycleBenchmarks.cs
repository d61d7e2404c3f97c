using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace Redlock.Fast.Bench;

/// <summary>Lock and unlock on real servers, each kind of call beside the floor.</summary>
/// <remarks>
/// The methods are pooled themselves, so that the memory column shows the library and not the task of an <c>async</c> benchmark.
/// </remarks>
[MemoryDiagnoser]
[SuppressMessage("Design", "CA1001", Justification = "GlobalCleanup disposes.")]
public class CycleBenchmarks
{
    private Servers _servers = null!;
    private RedlockFactory _factory = null!;
    private RedlockMutex _pooled = null!;
    private RedlockMutex _inline = null!;
    private Floor _floor = null!;

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
    }

    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        _floor.Dispose();
        await _factory.DisposeAsync();
        await _servers.DisposeAsync();
    }

    [Benchmark(Baseline = true)]
    public void BlockingFloor() => _floor.Cycle();

    [Benchmark]
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<UnlockStatus> Async() => await _pooled.UnlockAsync((await _pooled.TryLockAsync()).Token);

    [Benchmark]
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<UnlockStatus> AsyncInline() => await _inline.UnlockAsync((await _inline.TryLockAsync()).Token);

    [Benchmark]
    public UnlockStatus Synchronous() => _pooled.Unlock(_pooled.TryLock().Token);
}
