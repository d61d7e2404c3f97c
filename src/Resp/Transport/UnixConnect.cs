using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>Opens blocking sockets to one socket file.</summary>
internal sealed class UnixConnect(string path, string address)
{
    // A connect waits only for room in the server's backlog, and only this ends that wait; back-off does the rest.
    private const int ConnectMilliseconds = 200;

    private readonly UnixDomainSocketEndPoint _endPoint = new(path);

    /// <summary>Blocks until a socket is connected.</summary>
    /// <exception cref="IOException">The file is not there, or nobody listens on it; the text begins with the address.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled first.</exception>
    public Socket Open(CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { SendTimeout = ConnectMilliseconds };
        try
        {
            BlockingConnect.Connect(socket, _endPoint, cancellationToken);
            socket.SendTimeout = 0;
            return socket;
        }
        catch (SocketException full) when (full.SocketErrorCode is SocketError.WouldBlock or SocketError.TimedOut)
        {
            throw new IOException($"{address}: the server accepts no connections at present; its backlog is full.", full);
        }
        catch (SocketException refusal)
        {
            throw new IOException($"{address}: {Explain(refusal)}", refusal);
        }
    }

    /// <summary>The runtime names the errors of a socket after those of a network, where no file can be missing.</summary>
    public string Explain(SocketException refusal) => refusal.SocketErrorCode switch
    {
        SocketError.AccessDenied =>
            "this process may not write to the socket file, or not pass a folder above it; see 'unixsocketperm' and the file's group.",
        _ when Directory.Exists(path) => "it is a folder; the path must name the socket file that the server's 'unixsocket' names.",
        SocketError.ConnectionRefused when File.Exists(path) =>
            "nothing listens on this file: the server is not running and has left it behind, or it is no socket.",
        _ when !File.Exists(path) =>
            "there is no such file; check that the server runs, that its 'unixsocket' names this path, and that the path is visible here "
                + "(a container has its own).",
        _ => $"connect failed: {refusal.Message}",
    };
}
