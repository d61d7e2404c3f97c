using Redlock.Fast.Testing;

namespace Redlock.Fast.Quickstart;

/// <summary>The nodes that the tour locks on: five in this process, or those of the command line.</summary>
internal sealed class SampleNodes : IDisposable
{
    private readonly IReadOnlyList<InMemoryNode> _own;

    private SampleNodes(IReadOnlyList<InMemoryNode> own, IReadOnlyList<string> endpoints)
    {
        _own = own;
        Endpoints = endpoints;
    }

    public IReadOnlyList<string> Endpoints { get; }

    /// <summary>Nodes of somebody else are never stopped.</summary>
    public bool MayBeStopped => _own.Count > 0;

    public static SampleNodes InMemory()
    {
        InMemoryNode[] nodes =
        [
            InMemoryNode.Start(), InMemoryNode.Start(), InMemoryNode.Start(), InMemoryNode.Start(), InMemoryNode.Start(),
        ];
        return new SampleNodes(
            nodes,
            [nodes[0].Endpoint, nodes[1].UnixEndpoint, nodes[2].Endpoint, nodes[3].UnixEndpoint, nodes[4].Endpoint]);
    }

    public static SampleNodes Real(IReadOnlyList<string> endpoints) => new([], endpoints);

    public void Stop(int node) => _own[node].Stop();

    public void Dispose()
    {
        foreach (InMemoryNode node in _own)
        {
            node.Dispose();
        }
    }
}
