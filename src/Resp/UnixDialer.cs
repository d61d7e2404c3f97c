using System.IO.Pipelines;
using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>Dials a node over a Unix domain socket.</summary>
public sealed class UnixDialer : Dialer
{
    // A connect waits only for room in the server's backlog, and only this ends that wait; back-off does the rest.
    private const int ConnectMilliseconds = 200;

    private readonly UnixDomainSocketEndPoint _endPoint;

    /// <summary>Dials the socket file at <paramref name="path"/>.</summary>
    /// <param name="path">The file's path; the operating system's limit is about 107 bytes.</param>
    public UnixDialer(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
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
            throw new IOException($"{Address}: connect failed: {refusal.Message}", refusal);
        }
    }
}
