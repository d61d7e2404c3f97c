using System.IO.Pipelines;
using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>Dials a node over a Unix domain socket.</summary>
public sealed class UnixDialer : Dialer
{
    // A connect waits only for room in the server's backlog, and only this ends that wait; back-off does the rest.
    private const int ConnectMilliseconds = 200;

    private readonly string _path;
    private readonly UnixDomainSocketEndPoint _endPoint;

    /// <summary>Dials the socket file at <paramref name="path"/>.</summary>
    /// <param name="path">The file's path; the operating system's limit is about 107 bytes.</param>
    public UnixDialer(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _path = path;
        _endPoint = new UnixDomainSocketEndPoint(path);
        Address = PrintableText.Of($"unix:{path}");
    }

    /// <inheritdoc/>
    public override string Address { get; }

    /// <inheritdoc/>
    public override ValueTask<IDuplexPipe> DialAsync(CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { SendTimeout = ConnectMilliseconds };
        try
        {
            BlockingConnect.Connect(socket, _endPoint, cancellationToken);
            socket.SendTimeout = 0;
            return new(new SocketPipe(socket));
        }
        catch (SocketException full) when (full.SocketErrorCode is SocketError.WouldBlock or SocketError.TimedOut)
        {
            throw new IOException($"{Address}: the server accepts no connections at present; its backlog is full.", full);
        }
        catch (SocketException refusal)
        {
            throw new IOException($"{Address}: {Explain(refusal)}", refusal);
        }
    }

    // The runtime names the errors of a socket after those of a network, where no file can be missing.
    internal string Explain(SocketException refusal) => refusal.SocketErrorCode switch
    {
        SocketError.AccessDenied =>
            "this process may not write to the socket file, or not pass a folder above it; see 'unixsocketperm' and the file's group.",
        _ when Directory.Exists(_path) => "it is a folder; the path must name the socket file that the server's 'unixsocket' names.",
        SocketError.ConnectionRefused when File.Exists(_path) =>
            "nothing listens on this file: the server is not running and has left it behind, or it is no socket.",
        _ when !File.Exists(_path) =>
            "there is no such file; check that the server runs, that its 'unixsocket' names this path, and that the path is visible here (a container has its own).",
        _ => $"connect failed: {refusal.Message}",
    };
}
