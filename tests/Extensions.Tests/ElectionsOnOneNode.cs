using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Extensions.Tests;

/// <summary>Tests of elections whose hosts share one in-memory node, which outlives them.</summary>
public abstract class ElectionsOnOneNode : IAsyncLifetime
{
    private readonly List<IHost> _hosts = [];

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected InMemoryNode Node { get; } = InMemoryNode.Start();

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        foreach (IHost host in _hosts)
        {
            await ((IAsyncDisposable)host).DisposeAsync();
        }

        await Node.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected static ILeaderElection ElectionOf(IHost host) => host.Services.GetRequiredService<ILeaderElection>();

    /// <summary>Builds a host that ends with the test.</summary>
    private protected IHost Build(Action<IServiceCollection> register, RecordedLog? log = null)
    {
        IHost host = Hosts.Build(register, log);
        _hosts.Add(host);
        return host;
    }
}
