using System.Buffers;

namespace Redlock.Fast.Testing;

/// <summary>What all connections of a node share: its keys, scripts and accounts, and the lock that makes commands atomic.</summary>
internal sealed class InMemoryServer
{
    private readonly Lock _gate = new();
    private readonly HashSet<InMemoryClient> _clients = [];
    private long _lastSessionId;
    private long _startedAt;
    private int _sessionCount;

    public InMemoryServer(InMemoryNodeOptions options, TimeProvider clock)
    {
        Options = options;
        Clock = clock;
        Store = new InMemoryStore(clock);
        Scripts = new InMemoryScripts();
        Channels = new InMemoryChannels(clock, _gate);
    }

    public InMemoryNodeOptions Options { get; }

    public TimeProvider Clock { get; }

    public InMemoryStore Store { get; }

    public InMemoryScripts Scripts { get; }

    public InMemoryChannels Channels { get; }

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

    /// <summary>A connection that can be found by others.</summary>
    public void Join(InMemoryClient client)
    {
        lock (_gate)
        {
            _clients.Add(client);
        }
    }

    public void CloseSession(InMemoryClient client)
    {
        Interlocked.Decrement(ref _sessionCount);
        lock (_gate)
        {
            Forget(client);
        }
    }

    /// <summary>Changes what goes wrong with messages.</summary>
    public void Change(Action<InMemoryChannels> change)
    {
        lock (_gate)
        {
            change(Channels);
        }
    }

    /// <summary>Takes what was published and is not sent to a connection yet.</summary>
    public void TakePushes(InMemoryClient client, IBufferWriter<byte> output)
    {
        lock (_gate)
        {
            client.Listener.MoveTo(output);
        }
    }

    /// <summary>Drops connections, but not that of the one who asks. Called by a command.</summary>
    /// <returns>How many.</returns>
    public int Kill(InMemoryClient asker, Predicate<InMemoryClient> isMeant)
    {
        List<InMemoryClient> meant = [];
        foreach (InMemoryClient client in _clients)
        {
            if (client != asker && isMeant(client))
            {
                meant.Add(client);
            }
        }

        foreach (InMemoryClient client in meant)
        {
            Forget(client);
            client.Kill();
        }

        return meant.Count;
    }

    /// <summary>Drops a connection; no command of it runs once this returns.</summary>
    public void Abort(InMemorySession session)
    {
        lock (_gate)
        {
            session.Abort();
            Forget(session.Client);
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
                client.Listener.MoveTo(reply);
                InMemoryCommands.Execute(client, request, reply);
            }
        }
    }

    private void Forget(InMemoryClient client)
    {
        _clients.Remove(client);
        Channels.Board.Forget(client.Listener);
    }
}
