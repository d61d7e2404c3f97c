using Redlock.Fast.Extensions;
using Redlock.Fast.Testing;

namespace Redlock.Fast.DistributedLock.Tests;

/// <summary>The nodes that the tests of a class share; each test has names of its own.</summary>
public abstract class NodeSet : IAsyncLifetime
{
    public abstract IReadOnlyList<string> Endpoints { get; }

    /// <summary>Limits far above what a busy machine needs, so that only what a test is about can fail it.</summary>
    public virtual MutexOptions Options { get; } = new()
    {
        Expiry = TimeSpan.FromSeconds(60),
        NodeTimeLimit = TimeSpan.FromSeconds(20),
        Delay = TimeSpan.FromMilliseconds(20),
    };

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>As a process of its own would have it.</summary>
    public async Task<RedlockFactory> ConnectAsync()
    {
        RedlockFactory factory = RedlockFactory.Create(Endpoints);
        await factory.WaitUntilConnectedAsync(TestContext.Current.CancellationToken).SoonAsync();
        return factory;
    }

    public RedlockDistributedLockProvider ProviderOver(RedlockFactory factory) => new(new LockProvider(factory, Options));
}

public sealed class OneInMemoryNode : NodeSet
{
    private InMemoryNode? _node;

    public override IReadOnlyList<string> Endpoints => [_node!.Endpoint];

    public override ValueTask InitializeAsync()
    {
        _node = InMemoryNode.Start();
        return default;
    }

    public override ValueTask DisposeAsync() => _node!.DisposeAsync();
}

/// <summary>Servers of the installed Redis.</summary>
public abstract class Servers(int count, int dead) : NodeSet
{
    private readonly List<TempRedis> _servers = [];

    public override IReadOnlyList<string> Endpoints => _servers.ConvertAll(server => server.Endpoint);

    public override async ValueTask InitializeAsync()
    {
        InstalledRedis.Require();
        for (int server = 0; server < count; server++)
        {
            _servers.Add(await TempRedis.StartAsync());
        }

        for (int server = 0; server < dead; server++)
        {
            _servers[server].Kill();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (TempRedis server in _servers)
        {
            await server.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}

public sealed class OneServer() : Servers(count: 1, dead: 0);

public sealed class ServerWithPrefix() : Servers(count: 1, dead: 0)
{
    public override MutexOptions Options { get; } = new OneServer().Options with { KeyPrefix = "app:" };
}

public sealed class ThreeServers() : Servers(count: 3, dead: 0);

public sealed class ThreeServersOneDead() : Servers(count: 3, dead: 1);
