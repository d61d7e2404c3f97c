using System.Buffers;

namespace Redlock.Fast.Testing;

/// <summary>What all connections of a node share: its keys, scripts and accounts, and the lock that makes commands atomic.</summary>
internal sealed class InMemoryServer
{
    private readonly Lock _gate = new();
    private long _lastSessionId;
    private long _startedAt;
    private int _sessionCount;

    public InMemoryServer(InMemoryNodeOptions options, TimeProvider clock)
    {
        Options = options;
        Clock = clock;
        Store = new InMemoryStore(clock);
        Scripts = new InMemoryScripts();
    }

    public InMemoryNodeOptions Options { get; }

    public TimeProvider Clock { get; }

    public InMemoryStore Store { get; }

    public InMemoryScripts Scripts { get; }

    public int Port { get; set; }

    public int SessionCount => Volatile.Read(ref _sessionCount);

    /// <summary>40 hexadecimal digits that differ in each run, as INFO shows them.</summary>
    public string RunId { get; private set; } = string.Empty;

    public long CommandsProcessed { get; private set; }

    public TimeSpan Uptime => Clock.GetElapsedTime(_startedAt);

    public void Begin(NodeData data)
    {
        lock (_gate)
        {
            if (data == NodeData.Lose)
            {
                Store.FlushAll();
            }

            Scripts.Flush();
            RunId = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(20));
            CommandsProcessed = 0;
            _startedAt = Clock.GetTimestamp();
        }
    }

    public void LoseAllData()
    {
        lock (_gate)
        {
            Store.FlushAll();
            Scripts.Flush();
        }
    }

    /// <summary>Sees to it that a script is loaded.</summary>
    public void Prepare(Resp.RespScript script)
    {
        lock (_gate)
        {
            Scripts.Prepare(script);
        }
    }

    public long OpenSession()
    {
        Interlocked.Increment(ref _sessionCount);
        return Interlocked.Increment(ref _lastSessionId);
    }

    public void CloseSession() => Interlocked.Decrement(ref _sessionCount);

    /// <summary>Drops a connection; no command of it runs once this returns.</summary>
    public void Abort(InMemorySession session)
    {
        lock (_gate)
        {
            session.Abort();
        }
    }

    /// <summary>Runs one command, unless its connection was dropped meanwhile.</summary>
    public void Execute(InMemoryClient client, InMemoryRequest request, IBufferWriter<byte> reply)
    {
        lock (_gate)
        {
            if (!client.IsAborted)
            {
                CommandsProcessed++;
                InMemoryCommands.Execute(client, request, reply);
            }
        }
    }
}
