using System.Net;
using System.Net.Sockets;

namespace Redlock.Fast.Resp.Tests;

// Answers +PONG to whatever comes, at one address, until it dies with all its connections.
internal sealed class MovingServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _life = new();
    private readonly List<Task> _serving = [];
    private readonly Task _accepting;
    private int _accepted;

    public MovingServer(IPAddress address, int port)
    {
        _listener = new TcpListener(address, port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public int Accepted => Volatile.Read(ref _accepted);

    public async ValueTask DisposeAsync()
    {
        await _life.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_serving);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_life.Token);
                Interlocked.Increment(ref _accepted);
                _serving.Add(ServeAsync(socket));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or InvalidOperationException)
        {
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, _life.Token) > 0)
            {
                await socket.SendAsync("+PONG\r\n"u8.ToArray(), _life.Token);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException)
        {
        }
        finally
        {
            socket.Dispose();
        }
    }
}
