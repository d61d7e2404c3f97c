using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>Nodes that run no scripts and have commands in their place.</summary>
public enum Scriptless
{
    /// <summary>In memory, with DELIFEQ.</summary>
    Valkey = 0,

    /// <summary>In memory, with DELEX.</summary>
    Redis,

    /// <summary>A server on which the user may not run scripts; skipped where the server has neither command.</summary>
    Server,
}

/// <summary>Nodes of one kind, and as many as wanted beside them that run scripts.</summary>
internal sealed class ScriptlessNodes : IDisposable
{
    private const string Password = "s3cret-Pa55";

    private readonly List<IDisposable> _nodes = [];
    private readonly List<string> _endpoints = [];

    public static async Task<ScriptlessNodes> StartAsync(Scriptless kind, int scriptless, int scripting = 0)
    {
        ScriptlessNodes made = new();
        for (int node = 0; node < scriptless + scripting; node++)
        {
            bool runsScripts = node >= scriptless;
            if (kind == Scriptless.Server)
            {
                await made.AddServerAsync(runsScripts ? "" : "-eval -evalsha -script");
            }
            else
            {
                InMemoryNode memory = InMemoryNode.Start(new InMemoryNodeOptions
                {
                    Transports = InMemoryTransports.Tcp,
                    Scripting = runsScripts ? InMemoryScripting.Lua
                        : kind == Scriptless.Valkey ? InMemoryScripting.ValkeyCommands : InMemoryScripting.RedisCommands,
                });
                made._nodes.Add(memory);
                made._endpoints.Add(memory.Endpoint);
            }
        }

        return made;
    }

    public RedlockFactory Connect() => RedlockFactory.Create(_endpoints);

    public async Task<RedlockFactory> ConnectAllAsync()
    {
        RedlockFactory factory = Connect();
        await Inspection.AllConnectedAsync(factory);
        return factory;
    }

    public string Endpoint(int node) => _endpoints[node];

    /// <summary>What a user may do from now on, on connections that are there too.</summary>
    public async Task PermitAsync(int node, string rights)
    {
        using RespNode asked = RespNode.Connect(((TempRedis)_nodes[node]).Endpoint);
        Assert.Equal("OK", (await asked.SendAsync(["ACL", "SETUSER", "worker", .. rights.Split(' ')])).AsString());
    }

    public void Dispose() => _nodes.ForEach(node => node.Dispose());

    private async Task AddServerAsync(string forbidden)
    {
        InstalledRedis.Require();
        TempRedis server = await TempRedis.StartAsync(
            new TempRedisOptions { Configuration = [$"user worker on >{Password} ~* &* +@all {forbidden}"] },
            TestContext.Current.CancellationToken);
        _nodes.Add(server);
        _endpoints.Add($"redis://worker:{Password}@{server.Endpoint}");
        using RespNode asked = RespNode.Connect(server.Endpoint);
        bool lacksBoth = (await asked.SendAsync("DELIFEQ", "no:key", "x")).IsError
            && (await asked.SendAsync("DELEX", "no:key", "IFEQ", "x")).IsError;
        if (lacksBoth)
        {
            Dispose();
            Assert.Skip("This server has neither DELIFEQ (Valkey 9.0) nor DELEX (Redis 8.4): REDLOCK_TEST_SERVER_PROGRAM names another.");
        }
    }
}
