using System.Net;
using System.Net.Sockets;

namespace Redlock.Fast.Testing;

/// <summary>A real redis-server (or valkey-server) of one's own, on a free port and a Unix socket, gone when disposed of.</summary>
/// <remarks>
/// Its configuration, socket and files are in a temporary folder of its own that nobody else may enter. When this process dies,
/// however it dies, a watcher process kills the server and removes the folder. Not thread-safe: one test at a time stops and starts it.
/// Linux and macOS only. The program is the first redis-server or valkey-server on the PATH, or the one that the environment variable
/// REDLOCK_TEST_SERVER_PROGRAM names; it is started with the path of its configuration.
/// </remarks>
/// <example>
/// <code>
/// await using TempRedis server = await TempRedis.StartAsync();
/// await using RedlockFactory locks = RedlockFactory.Create(server.Endpoint);
/// </code>
/// </example>
public sealed class TempRedis : IAsyncDisposable, IDisposable
{
    /// <summary>How long a server may take until it answers PING, unless the options say otherwise: 20 s.</summary>
    /// <remarks>It takes some 20 ms; the rest is for a machine that is busy with all the other tests.</remarks>
    public static readonly TimeSpan DefaultReadyLimit = TimeSpan.FromSeconds(20);

    // A port found free can be taken by another process before the server binds it; twice in a row is unlikely already.
    private const int PortAttempts = 10;

    private static readonly TimeSpan _probeInterval = TimeSpan.FromMilliseconds(5);

    private readonly string _program;
    private readonly TempRedisOptions _options;
    private readonly DirectoryInfo _folder;
    private readonly TempRedisWatcher _watcher;
    private TempRedisProcess? _process;
    private bool _isPaused;
    private bool _isDisposed;

    private TempRedis(string program, TempRedisOptions options)
    {
        _program = program;
        _options = options;
        _folder = Directory.CreateTempSubdirectory("redlock-");
        _watcher = new TempRedisWatcher(_folder.FullName);
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    /// <summary>Where it listens: <c>127.0.0.1:port</c>.</summary>
    public string Endpoint => $"127.0.0.1:{Port}";

    /// <summary>Where it listens on a Unix socket: <c>unix:/path</c>.</summary>
    public string UnixEndpoint => "unix:" + SocketPath;

    /// <summary>The TCP port, the same after a restart.</summary>
    public int Port { get; private set; }

    /// <summary>The TCP port that speaks TLS, the same after a restart; 0 when the options name no certificate.</summary>
    public int TlsPort { get; private set; }

    /// <summary>The server's process; another after a restart. 0 while it is not running.</summary>
    public int ProcessId => _process is { HasExited: false } process ? process.Id : 0;

    private string SocketPath => Path.Combine(_folder.FullName, "redis.sock");

    /// <summary>Whether a server program is installed here.</summary>
    /// <param name="reason">Why not, and how to install one; empty when it is.</param>
    public static bool IsAvailable(out string reason) => RedisServerProgram.Find(out reason) is not null;

    /// <summary>Starts a server and waits until it answers PING.</summary>
    /// <exception cref="ArgumentException">An option contradicts another, or a line of the configuration says where to listen.</exception>
    /// <exception cref="InvalidOperationException">
    /// No server is installed, or it gave up; the text has the last lines of its log.
    /// </exception>
    /// <exception cref="TimeoutException">It did not answer within <see cref="TempRedisOptions.ReadyLimit"/>.</exception>
    public static async Task<TempRedis> StartAsync(TempRedisOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new TempRedisOptions();
        options.Validate(nameof(options));
        string program = RedisServerProgram.Find(out string? reason) ?? throw new InvalidOperationException(reason);
        TempRedis redis = new TempRedis(program, options);
        try
        {
            for (int attempt = 1; ; attempt++)
            {
                redis.Port = FreePort();
                redis.TlsPort = options.TlsCertificatePath is null ? 0 : FreePort();
                if (await redis.RunAsync(attempt < PortAttempts, cancellationToken).ConfigureAwait(false))
                {
                    return redis;
                }
            }
        }
        catch
        {
            redis.Dispose();
            throw;
        }
    }

    /// <summary>Stops the server where it is (SIGSTOP): connections stay, bytes to it are buffered, nothing answers.</summary>
    public void Pause()
    {
        Running().Pause();
        _isPaused = true;
    }

    /// <summary>Lets it go on (SIGCONT): it works off what came in meanwhile.</summary>
    public void Resume()
    {
        Running().Resume();
        _isPaused = false;
    }

    /// <summary>Ends the server at once (SIGKILL), as a crash does, and waits until it is gone.</summary>
    /// <remarks>Data survives only if the configuration wrote it to disk.</remarks>
    public void Kill()
    {
        if (_process is not { } process)
        {
            return;
        }

        process.Kill();
        _watcher.Forget();
        process.Dispose();
        _process = null;
        _isPaused = false;
    }

    /// <summary>Ends the server if it runs, and starts it again on the same port and socket.</summary>
    /// <param name="data">
    /// <see cref="NodeData.Keep"/> saves a running server's data first; of a killed server only what its configuration had written is kept.
    /// </param>
    /// <param name="cancellationToken">Gives up the waiting; the server may then be down.</param>
    public async Task RestartAsync(NodeData data, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (data == NodeData.Keep && ProcessId != 0)
        {
            await SaveAsync(cancellationToken).ConfigureAwait(false);
        }

        Kill();
        if (data == NodeData.Lose)
        {
            foreach (FileSystemInfo entry in _folder.GetFileSystemInfos())
            {
                if (entry is DirectoryInfo directory)
                {
                    directory.Delete(recursive: true);
                }
                else
                {
                    entry.Delete();
                }
            }
        }

        await RunAsync(mayRetry: false, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        Kill();
        _watcher.Dispose();
        if (Directory.Exists(_folder.FullName))
        {
            _folder.Delete(recursive: true);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override string ToString() => $"redis-server {Endpoint} (process {ProcessId})";

    private static int FreePort()
    {
        using Socket socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task<bool> RunAsync(bool mayRetry, CancellationToken cancellationToken)
    {
        string configurationPath = Path.Combine(_folder.FullName, "redis.conf");
        await File.WriteAllTextAsync(
            configurationPath, _options.ToConfigurationText(_folder.FullName, SocketPath, Port, TlsPort), cancellationToken)
            .ConfigureAwait(false);

        // A socket file left by a killed server would be answered by nobody; the new server makes its own.
        File.Delete(SocketPath);
        TempRedisProcess process = new TempRedisProcess(_program, configurationPath);
        _process = process;
        _watcher.Watch(process.Id);

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.ReadyLimit);
        string? answer = null;
        try
        {
            while (!process.HasExited)
            {
                answer = await TempRedisProbe.AskAsync(SocketPath, _options, "PING", limit.Token).ConfigureAwait(false);
                if (answer == "+PONG")
                {
                    return true;
                }

                if (answer is not null && !answer.StartsWith("-LOADING", StringComparison.Ordinal))
                {
                    throw new InvalidOperationException(
                        $"{this} refused its readiness PING with {ErrorCode(answer)}. Give TempRedisOptions the Password, and the User if "
                            + "it is not the default one.");
                }

                await Task.Delay(_probeInterval, limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"{this} did not answer PING within {_options.ReadyLimit.TotalSeconds} s; its last reply: {answer ?? "none"}. Its log "
                    + $"ends:{Environment.NewLine}{process.LogTail}",
                late);
        }

        process.DrainLog();
        string log = process.LogTail;
        Kill();
        if (mayRetry && log.Contains("Address already in use", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        throw new InvalidOperationException($"{_program} on {Endpoint} ended before it was ready. Its log ends:{Environment.NewLine}{log}");
    }

    private static string ErrorCode(string reply) => reply.Split(' ')[0];

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        if (_isPaused)
        {
            Resume();
        }

        string? reply = await TempRedisProbe.AskAsync(SocketPath, _options, "SAVE", cancellationToken).ConfigureAwait(false);
        if (reply != "+OK")
        {
            throw new InvalidOperationException(
                $"{this} did not save its data before the restart: {(reply is null ? "no reply" : ErrorCode(reply))}.");
        }
    }

    private TempRedisProcess Running()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _process
            ?? throw new InvalidOperationException($"redis-server {Endpoint} is not running: it was killed. RestartAsync starts it again.");
    }

    private void OnProcessExit(object? sender, EventArgs e) => Dispose();
}
