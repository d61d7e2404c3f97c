using System.IO.Pipelines;
using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>Dials a node over a Unix domain socket.</summary>
public sealed class UnixDialer : Dialer
{
    private readonly UnixDomainSocketEndPoint _endPoint;

    /// <summary>Dials the socket file at <paramref name="path"/>.</summary>
    /// <param name="path">The file's path; the operating system's limit is about 107 bytes.</param>
    public UnixDialer(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _endPoint = new UnixDomainSocketEndPoint(path);
        Address = $"unix:{path}";
    }

    /// <inheritdoc/>
    public override string Address { get; }

    /// <inheritdoc/>
    public override ValueTask<IDuplexPipe> DialAsync(CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            return new(BlockingConnect.Open(socket, _endPoint, cancellationToken));
        }
        catch (SocketException refusal)
        {
            throw new IOException($"{Address}: connect failed: {refusal.Message}", refusal);
        }
    }
}
