using System.Globalization;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Service;

/// <summary>The nodes that the service locks on: those of its configuration, or three in the memory of this process.</summary>
internal sealed class SampleNodes : IDisposable
{
    private const int OwnNodes = 3;

    private readonly Lock _gate = new();
    private readonly InMemoryNode[] _own;
    private readonly bool[] _isStopped;

    private SampleNodes(InMemoryNode[] own)
    {
        _own = own;
        _isStopped = new bool[own.Length];
    }

    /// <summary>Nodes of somebody else are never stopped.</summary>
    public int Stoppable => _own.Length;

    /// <summary>Takes <c>--nodes a,b,c</c>, then <c>Redlock:Nodes</c>, and starts nodes of its own if there is neither.</summary>
    public static SampleNodes Of(IConfigurationManager configuration)
    {
        if (configuration["nodes"] is { } named)
        {
            Configure(configuration, named.Split(',', StringSplitOptions.TrimEntries));
            return new SampleNodes([]);
        }

        if (configuration.GetSection("Redlock:Nodes").Exists())
        {
            return new SampleNodes([]);
        }

        InMemoryNode[] own = new InMemoryNode[OwnNodes];
        for (int node = 0; node < own.Length; node++)
        {
            own[node] = InMemoryNode.Start();
        }

        Configure(configuration, Array.ConvertAll(own, node => node.Endpoint));
        return new SampleNodes(own);
    }

    public bool IsStopped(int node)
    {
        lock (_gate)
        {
            return node < _own.Length && _isStopped[node];
        }
    }

    /// <summary>As a crash does it: connections end, and new ones are refused.</summary>
    public void Stop(int node)
    {
        lock (_gate)
        {
            _own[node].Stop();
            _isStopped[node] = true;
        }
    }

    /// <summary>As a server does that keeps its data; a second start changes nothing.</summary>
    public void Start(int node)
    {
        lock (_gate)
        {
            if (_isStopped[node])
            {
                _own[node].Restart(NodeData.Keep);
                _isStopped[node] = false;
            }
        }
    }

    /// <summary>Says where to look, and how a second instance of the service joins in.</summary>
    public void Tell(WebApplication service)
    {
        Console.WriteLine($"Open {string.Join(" or ", service.Urls)} in a browser. Ctrl+C ends it.");
        if (_own.Length > 0)
        {
            Console.WriteLine("It locks on three nodes in its own memory; a second instance, in another terminal, joins in with");
            Console.WriteLine(
                "  dotnet run --project samples/Service -- --urls http://localhost:5081 --nodes "
                + string.Join(',', Array.ConvertAll(_own, node => node.Endpoint)));
        }
    }

    public void Dispose() => Array.ForEach(_own, node => node.Dispose());

    private static void Configure(IConfigurationManager configuration, string[] endpoints)
    {
        Dictionary<string, string?> settings = [];
        for (int node = 0; node < endpoints.Length; node++)
        {
            settings[string.Create(CultureInfo.InvariantCulture, $"Redlock:Nodes:{node}")] = endpoints[node];
        }

        configuration.AddInMemoryCollection(settings);
    }
}
