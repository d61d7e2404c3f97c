using System.IO.Pipelines;
using System.Net.Sockets;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>A stand-in for a Redis node inside this process, for tests and for trying the library. Not for production.</summary>
/// <remarks>
/// It speaks RESP2 over TCP, a Unix socket and in-process pipes, knows the commands that locks need, on strings alone, and understands
/// as much of Lua as scripts of locks are written in: docs/testing.md lists both. Anything else is refused with an error that says so.
/// It has no persistence, no replication, no eviction and no limit on memory; an argument may have 512 MiB, as in Redis, and
/// a command 1 GiB. Commands are atomic, as with Redis' single thread. Replies and error texts are those of Redis 7.0. Thread-safe.
/// </remarks>
/// <example>
/// <code>
/// await using InMemoryNode node = InMemoryNode.Start();
/// await using RedlockFactory locks = RedlockFactory.Create(node.Endpoint);
/// node.Stop();   // what is asked from now on ends as unavailable
/// </code>
/// </example>
public sealed class InMemoryNode : IAsyncDisposable, IDisposable
{
    private static int _made;

    private readonly Lock _lifecycle = new();
    private readonly InMemoryServer _server;
    private readonly InMemoryNodeOptions _options;
    private readonly DirectoryInfo? _folder;
    private readonly HashSet<InMemorySession> _sessions = [];
    private CancellationTokenSource _life = new();
    private InMemoryListener? _tcp;
    private InMemoryListener? _unix;
    private bool _isRunning;
    private bool _isDisposed;
    private int _port;

    private InMemoryNode(InMemoryNodeOptions options)
    {
        _options = options;
        _port = options.Port;
        Name = PrintableText.Of(options.Name ?? $"node-{Interlocked.Increment(ref _made)}");
        Clock = new SkewedTimeProvider(options.TimeProvider);
        _server = new InMemoryServer(options, Clock);
        Faults = new NodeFaults(_server);
        if (options.Transports.HasFlag(InMemoryTransports.UnixSocket))
        {
            _folder = Directory.CreateTempSubdirectory("redlock-");
        }
    }

    /// <summary>The node's name, for messages.</summary>
    public string Name { get; }

    /// <summary>Where it listens: <c>127.0.0.1:port</c>, the same after a restart.</summary>
    /// <exception cref="InvalidOperationException">The options left TCP out.</exception>
    public string Endpoint => _options.Transports.HasFlag(InMemoryTransports.Tcp)
        ? $"127.0.0.1:{_port}"
        : throw new InvalidOperationException($"{Name} does not listen on TCP: its options leave InMemoryTransports.Tcp out.");

    /// <summary>Where it listens on a Unix socket: <c>unix:/path</c>, the same after a restart.</summary>
    /// <exception cref="InvalidOperationException">The options left the Unix socket out.</exception>
    public string UnixEndpoint => "unix:" + SocketPath;

    /// <summary>What can go wrong with it, at will.</summary>
    public NodeFaults Faults { get; }

    /// <summary>The node's own clock: its rate can be changed and its wall time stepped.</summary>
    public SkewedTimeProvider Clock { get; }

    /// <summary>Opens in-process connections to it, for a <see cref="RespNode"/>.</summary>
    public Dialer Dialer => Dialer.From(Name, _ => new ValueTask<IDuplexPipe>(Connect()));

    private string SocketPath => _folder is { } folder
        ? Path.Combine(folder.FullName, "node.sock")
        : throw new InvalidOperationException($"{Name} has no Unix socket: its options leave InMemoryTransports.UnixSocket out.");

    /// <summary>Makes a node and starts it.</summary>
    /// <exception cref="SocketException">The port asked for is taken.</exception>
    public static InMemoryNode Start(InMemoryNodeOptions? options = null)
    {
        InMemoryNode node = new InMemoryNode(options ?? new InMemoryNodeOptions());
        try
        {
            node.Restart(NodeData.Lose);
            return node;
        }
        catch
        {
            node.Dispose();
            throw;
        }
    }

    /// <summary>Opens an in-process connection; completing either of its ends closes it.</summary>
    /// <returns>The client's end.</returns>
    /// <exception cref="SocketException">The node is stopped: connection refused.</exception>
    public IDuplexPipe Connect()
    {
        (IDuplexPipe? client, IDuplexPipe? server) = CrossedPipes.Create();
        if (!TryServe(server, socket: null))
        {
            throw new SocketException((int)SocketError.ConnectionRefused);
        }

        return client;
    }

    /// <summary>
    /// Drops every connection and refuses new ones. No command runs after it returns. Keys stay for a <see cref="Restart"/>.
    /// </summary>
    public void Stop()
    {
        lock (_lifecycle)
        {
            _isRunning = false;
            _tcp?.Dispose();
            _unix?.Dispose();
            foreach (InMemorySession session in _sessions)
            {
                _server.Abort(session);
            }

            _sessions.Clear();

            // Not here and now: a session that ends inline would come back into this lock.
            _ = _life.CancelAsync();
        }
    }

    /// <summary>Stops the node if it runs, and starts it again on the same port and socket.</summary>
    /// <param name="data">Whether it finds its keys again. Loaded scripts are forgotten either way, as Redis does.</param>
    /// <remarks>Faults stay as they are set.</remarks>
    public void Restart(NodeData data)
    {
        lock (_lifecycle)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Stop();
            _server.Begin(data);
            _life = new CancellationTokenSource();
            if (_options.Transports.HasFlag(InMemoryTransports.Tcp))
            {
                _tcp = InMemoryListener.OnTcp(_port, Accept);
                _port = _tcp.Port;
                _server.Port = _port;
            }

            if (_options.Transports.HasFlag(InMemoryTransports.UnixSocket))
            {
                _unix = InMemoryListener.OnUnixSocket(SocketPath, Accept);
            }

            _isRunning = true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lifecycle)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            Stop();
            _folder?.Delete(recursive: true);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private void Accept(Socket socket)
    {
        if (!TryServe(new SocketPipes(socket), socket))
        {
            socket.Dispose();
        }
    }

    private bool TryServe(IDuplexPipe transport, Socket? socket)
    {
        InMemorySession session;
        lock (_lifecycle)
        {
            if (!_isRunning)
            {
                return false;
            }

            session = new InMemorySession(_server, Faults, transport, socket, Forget, _life.Token);
            _sessions.Add(session);
        }

        session.Start();
        return true;
    }

    private void Forget(InMemorySession session)
    {
        lock (_lifecycle)
        {
            _sessions.Remove(session);
        }
    }
}
