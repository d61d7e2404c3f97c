using System.Net;
using System.Net.Sockets;

namespace Redlock.Fast.Resp.Tests;

// An address that swallows connections: its backlog is full, and nobody accepts.
internal sealed class FullListener : IDisposable
{
    // Linux takes one more than the backlog says; more are harmless.
    private const int Fillers = 4;

    private readonly List<Socket> _sockets = [];

    public FullListener(IPEndPoint endPoint)
    {
        Socket listener = Add();
        listener.Bind(endPoint);
        listener.Listen(0);
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        for (int filler = 0; filler < Fillers; filler++)
        {
            Socket socket = Add();
            socket.Blocking = false;
            try
            {
                socket.Connect(listener.LocalEndPoint!);
            }
            catch (SocketException full) when (full.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
            }
        }
    }

    public int Port { get; }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    private Socket Add()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(socket);
        return socket;
    }
}
