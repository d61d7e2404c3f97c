using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>Dials a node over TCP, without TLS.</summary>
public sealed class TcpDialer : Dialer
{
    private static readonly TimeSpan _keepAlive = TimeSpan.FromSeconds(30);

    private readonly string _host;
    private readonly int _port;

    /// <summary>Dials <paramref name="host"/>, resolved afresh at each dial; every address it resolves to is tried in turn.</summary>
    /// <param name="host">A host name or an IP address.</param>
    /// <param name="port">1 to 65535; Redis' own is 6379.</param>
    public TcpDialer(string host, int port = RedisEndpoint.DefaultPort)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(host);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        _host = host;
        _port = port;
        Address = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}";
    }

    /// <inheritdoc/>
    public override string Address { get; }

    /// <inheritdoc/>
    public override ValueTask<IDuplexPipe> DialAsync(CancellationToken cancellationToken)
    {
        SocketException? lastRefusal = null;
        foreach (IPAddress address in Resolve())
        {
            Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)_keepAlive.TotalSeconds);
            try
            {
                return new(BlockingConnect.Open(socket, new IPEndPoint(address, _port), cancellationToken));
            }
            catch (SocketException refusal)
            {
                lastRefusal = refusal;
            }
        }

        throw new IOException(
            lastRefusal is null
                ? $"{Address}: the host name resolves to no address; check the name."
                : $"{Address}: TCP connect failed: {lastRefusal.Message}",
            lastRefusal);
    }

    private IPAddress[] Resolve()
    {
        if (IPAddress.TryParse(_host, out IPAddress? literal))
        {
            return [literal];
        }

        try
        {
            return Dns.GetHostAddresses(_host);
        }
        catch (SocketException unknown)
        {
            throw new IOException($"{Address}: the host name could not be resolved: {unknown.Message}", unknown);
        }
    }
}
