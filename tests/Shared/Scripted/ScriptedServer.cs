using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Redlock.Fast.Resp;

namespace Redlock.Fast.SharedTests;

public enum ScriptedTransport
{
    Pipes = 0,
    Tcp,
}

// A server that does what the test says, a script a connection.
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly Func<ScriptedPeer, Task> _script;
    private readonly CancellationTokenSource _life = new();
    private readonly ConcurrentBag<Task> _serving = [];
    private readonly TcpListener? _listener;
    private readonly Lock _gate = new();
    private int _dials;
    private int _open;

    public ScriptedServer(ScriptedTransport transport, Func<ScriptedPeer, Task> script)
    {
        _script = script;
        if (transport == ScriptedTransport.Pipes)
        {
            Dialer = Dialer.From("scripted", _ => ValueTask.FromResult<IDuplexPipe>(Connect()));
            return;
        }

        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        Dialer = new TcpDialer("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);
        _ = AcceptAsync(_listener);
    }

    public Dialer Dialer { get; }

    // Where it listens, if it does so over TCP.
    public string Endpoint => _listener!.LocalEndpoint.ToString()!;

    public int Dials => Volatile.Read(ref _dials);

    // Connections whose client has not closed its end yet, as far as the script has read.
    public int Open => Volatile.Read(ref _open);

    public List<ScriptedPeer> Peers { get; } = [];

    public ScriptedPeer Peer(int number)
    {
        lock (_gate)
        {
            return Peers[number - 1];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _life.CancelAsync();
        _listener?.Stop();
        foreach (Task serving in _serving)
        {
            await serving;
        }

        _life.Dispose();
    }

    // Answers every command as a well-behaved node would.
    public static async Task Behave(ScriptedPeer peer)
    {
        while (await peer.ReadAsync() is { } command)
        {
            await peer.WriteAsync(command[0] switch
            {
                "PING" => "+PONG\r\n",
                "INFO" => ScriptedPeer.NothingToSay,
                "ECHO" => $"${command[1].Length}\r\n{command[1]}\r\n",
                _ => "+OK\r\n",
            });
        }
    }

    // Shakes hands and does what the test says, once; after that it behaves.
    public static Func<ScriptedPeer, Task> MisbehaveOnce(Func<ScriptedPeer, Task> misbehave) => async peer =>
    {
        await peer.ShakeHandsAsync();
        await (peer.Number == 1 ? misbehave(peer) : Behave(peer));
    };

    private Duplex Connect()
    {
        PipeOptions options = new(useSynchronizationContext: false);
        Pipe requests = new(options);
        Pipe replies = new(options);
        Serve(requests.Reader, replies.Writer, null);
        return new Duplex(replies.Reader, requests.Writer);
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                Socket socket = await listener.AcceptSocketAsync();
                socket.NoDelay = true;
                NetworkStream stream = new(socket, ownsSocket: true);
                Serve(PipeReader.Create(stream), PipeWriter.Create(stream), socket);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
        }
    }

    private void Serve(PipeReader input, PipeWriter output, Socket? socket)
    {
        ScriptedPeer peer;
        lock (_gate)
        {
            peer = new ScriptedPeer(Interlocked.Increment(ref _dials), input, output, socket, _life.Token);
            Peers.Add(peer);
        }

        Interlocked.Increment(ref _open);
        _serving.Add(ServeAsync(peer));
    }

    private async Task ServeAsync(ScriptedPeer peer)
    {
        await Task.Yield();
        try
        {
            await _script(peer);
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or SocketException or ObjectDisposedException
            or InvalidOperationException)
        {
        }
        finally
        {
            await peer.CloseAsync();
            Interlocked.Decrement(ref _open);
        }
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
