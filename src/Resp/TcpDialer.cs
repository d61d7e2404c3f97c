using System.IO.Pipelines;
using System.Net;

namespace Redlock.Fast.Resp;

/// <summary>Give it to a <see cref="RespNode"/>: dials a node over TCP, without TLS.</summary>
/// <example>
/// <code>
/// using RespNode overTcp = new(new TcpDialer("redis-1", 6379));
/// </code>
/// </example>
public sealed class TcpDialer : Dialer
{
    private readonly TcpConnect _connect;

    /// <summary>
    /// Dials <paramref name="host"/>, resolved afresh at each dial. Where it resolves to several addresses, each is tried a quarter of a
    /// second after the one before it or as soon as that has failed, the first that connects is taken, and the next dial begins with the
    /// address behind that one.
    /// </summary>
    /// <param name="host">A host name or an IP address.</param>
    /// <param name="port">1 to 65535; Redis' own is 6379.</param>
    public TcpDialer(string host, int port = RedisEndpoint.DefaultPort)
        : this(host, port, Dns.GetHostAddresses)
    {
    }

    internal TcpDialer(string host, int port, Func<string, IPAddress[]> resolve)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(host);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        Address = PrintableText.Of(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}");
        _connect = new TcpConnect(host, port, Address, resolve);
    }

    /// <inheritdoc/>
    public override string Address { get; }

    /// <inheritdoc/>
    public override ValueTask<IDuplexPipe> DialAsync(CancellationToken cancellationToken) =>
        new(new SocketPipe(_connect.Open(cancellationToken)));
}
