using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Attributes;

namespace Redlock.Fast.Bench;

/// <summary>Lock and unlock on real servers over TCP, beside the libraries that know a quorum, with their own defaults.</summary>
[MemoryDiagnoser]
[SuppressMessage("Design", "CA1001", Justification = "GlobalCleanup disposes.")]
public class PeerBenchmarks
{
    private Servers _servers = null!;
    private OwnClient _own = null!;
    private RedLockNetClient _redLockNet = null!;
    private DistributedLockClient _distributedLock = null!;
    private LockCycle _ownCycle = null!;
    private LockCycle _redLockNetCycle = null!;
    private LockCycle _distributedLockCycle = null!;

    /// <summary>On so many servers.</summary>
    [Params(1, 3, 5)]
    public int Nodes { get; set; }

    /// <summary>Starts the servers and connects to them.</summary>
    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _servers = await Servers.StartAsync(Nodes);
        string[] endpoints = _servers.Endpoints("tcp", Nodes);
        _own = await OwnClient.ConnectAsync(endpoints);
        _redLockNet = await RedLockNetClient.ConnectAsync(endpoints);
        _distributedLock = await DistributedLockClient.ConnectAsync(endpoints);
        _ownCycle = _own.NewCycle("own-cycle-name");
        _redLockNetCycle = _redLockNet.NewCycle("redlocknet-cycle-name");
        _distributedLockCycle = _distributedLock.NewCycle("distributed-cycle-name");
    }

    /// <summary>Ends them.</summary>
    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        await _distributedLock.DisposeAsync();
        await _redLockNet.DisposeAsync();
        await _own.DisposeAsync();
        await _servers.DisposeAsync();
    }

    /// <summary>This library.</summary>
    [Benchmark(Baseline = true)]
    public ValueTask<bool> RedlockFast() => _ownCycle.RunAsync();

    /// <summary>RedLock.net.</summary>
    [Benchmark]
    public ValueTask<bool> RedLockNet() => _redLockNetCycle.RunAsync();

    /// <summary>DistributedLock.Redis.</summary>
    [Benchmark]
    public ValueTask<bool> DistributedLock() => _distributedLockCycle.RunAsync();
}
