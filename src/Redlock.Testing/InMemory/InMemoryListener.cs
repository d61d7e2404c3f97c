using System.Net;
using System.Net.Sockets;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>Accepts connections on one address until it is disposed of.</summary>
internal sealed class InMemoryListener : IDisposable
{
    // Redis' own default; a test that dials thousands at once must not see refusals that are none.
    private const int Backlog = 511;

    private readonly Socket _socket;
    private readonly Action<Socket> _onAccepted;

    private InMemoryListener(Socket socket, EndPoint address, Action<Socket> onAccepted)
    {
        _socket = socket;
        _onAccepted = onAccepted;
        try
        {
            socket.Bind(address);
            socket.Listen(Backlog);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        Port = socket.LocalEndPoint is IPEndPoint bound ? bound.Port : 0;
        WithoutContext.Start(static listener => _ = listener.AcceptAsync(), this);
    }

    public int Port { get; }

    public static InMemoryListener OnTcp(int port, Action<Socket> onAccepted) =>
        new(
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp),
            new IPEndPoint(IPAddress.Loopback, port),
            onAccepted);

    public static InMemoryListener OnUnixSocket(string path, Action<Socket> onAccepted)
    {
        File.Delete(path);
        return new(
            new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
            new UnixDomainSocketEndPoint(path),
            onAccepted);
    }

    public void Dispose() => _socket.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket accepted = await _socket.AcceptAsync().ConfigureAwait(false);
                if (accepted.AddressFamily == AddressFamily.InterNetwork)
                {
                    accepted.NoDelay = true;
                }

                _onAccepted(accepted);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed of: that is how it ends.
        }
    }
}
