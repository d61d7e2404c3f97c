using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Attributes;

namespace Redlock.Fast.Bench;

/// <summary>Lock and unlock on one real server over TCP, beside StackExchange.Redis, which knows no quorum.</summary>
[MemoryDiagnoser]
[SuppressMessage("Design", "CA1001", Justification = "GlobalCleanup disposes.")]
public class StackExchangeBenchmarks
{
    private Servers _servers = null!;
    private OwnClient _own = null!;
    private StackExchangeClient _peer = null!;
    private LockCycle _ownCycle = null!;
    private LockCycle _peerCycle = null!;

    /// <summary>Starts the server and connects to it.</summary>
    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _servers = await Servers.StartAsync(1);
        _own = await OwnClient.ConnectAsync(_servers.Endpoints("tcp", 1));
        _peer = await StackExchangeClient.ConnectAsync(_servers[0].Endpoint);
        _ownCycle = _own.NewCycle("own-cycle-name");
        _peerCycle = _peer.NewCycle("peer-cycle-name");
    }

    /// <summary>Ends it.</summary>
    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        await _peer.DisposeAsync();
        await _own.DisposeAsync();
        await _servers.DisposeAsync();
    }

    /// <summary>This library.</summary>
    [Benchmark(Baseline = true)]
    public ValueTask<bool> RedlockFast() => _ownCycle.RunAsync();

    /// <summary>StackExchange.Redis.</summary>
    [Benchmark]
    public ValueTask<bool> StackExchangeLockTake() => _peerCycle.RunAsync();
}
