using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Attributes;

namespace Redlock.Fast.Bench;

/// <summary>Lock and unlock on real servers over TCP, by the built-in sockets and by those of Pipelines.Sockets.Unofficial.</summary>
[MemoryDiagnoser]
[SuppressMessage("Design", "CA1001", Justification = "GlobalCleanup disposes.")]
public class PipelinesBenchmarks
{
    private Servers _servers = null!;
    private OwnClient _builtIn = null!;
    private OwnClient _pipelines = null!;
    private LockCycle _builtInCycle = null!;
    private LockCycle _pipelinesCycle = null!;

    /// <summary>On so many servers.</summary>
    [Params(1, 3, 5)]
    public int Nodes { get; set; }

    /// <summary>Starts the servers and connects to them.</summary>
    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _servers = await Servers.StartAsync(Nodes);
        _builtIn = await OwnClient.ConnectAsync(_servers.Endpoints("tcp", Nodes));
        _pipelines = await OwnClient.ConnectOverPipelinesAsync(_servers, Nodes);
        _builtInCycle = _builtIn.NewCycle("built-cycle-name");
        _pipelinesCycle = _pipelines.NewCycle("socks-cycle-name");
    }

    /// <summary>Ends them.</summary>
    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        await _pipelines.DisposeAsync();
        await _builtIn.DisposeAsync();
        await _servers.DisposeAsync();
    }

    /// <summary>The built-in sockets.</summary>
    [Benchmark(Baseline = true)]
    public ValueTask<bool> BuiltInSockets() => _builtInCycle.RunAsync();

    /// <summary>A SocketConnection.</summary>
    [Benchmark]
    public ValueTask<bool> PipelinesSocketsUnofficial() => _pipelinesCycle.RunAsync();
}
