using System.Net;
using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>Opens blocking TCP sockets to one host: finds its addresses anew each time and takes the first that answers.</summary>
internal sealed class TcpConnect
{
    // A peer that vanished without a word is noticed after 45 s even where nobody waits for it.
    private const int KeepAliveSeconds = 30;
    private const int KeepAliveIntervalSeconds = 5;
    private const int KeepAliveProbes = 3;

    private readonly string _address;
    private readonly int _port;
    private readonly IPAddress[]? _literal;
    private readonly HostLookup _lookup;
    private IPAddress? _tried;

    /// <param name="host">A name or an IP address, without brackets.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="address">What errors call it.</param>
    /// <param name="resolve">Finds the addresses of a name; may block.</param>
    public TcpConnect(string host, int port, string address, Func<string, IPAddress[]> resolve)
    {
        _port = port;
        _address = address;
        _literal = IPAddress.TryParse(host, out IPAddress? literal) ? [literal] : null;
        _lookup = new HostLookup(host, resolve);
    }

    /// <summary>Blocks until a socket is connected.</summary>
    /// <param name="cancellationToken">Ends the look-up and every attempt at once.</param>
    /// <exception cref="IOException">
    /// The name is unknown, or no address of it takes connections; the text begins with the address.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled first.</exception>
    public Socket Open(CancellationToken cancellationToken)
    {
        IPAddress[] addresses = Order(_literal ?? Resolve(cancellationToken));
        if (addresses.Length == 0)
        {
            throw new IOException($"{_address}: the host name resolves to no address; check the name.");
        }

        // Whoever is dialed again has come to nothing: a dead server may accept, a short limit may leave no time for the second address.
        Volatile.Write(ref _tried, addresses[0]);
        if (addresses.Length > 1)
        {
            using ConnectRace race = new(addresses, Connect);
            Socket winner = race.Run(_address, cancellationToken, out IPAddress from);
            Volatile.Write(ref _tried, from);
            return winner;
        }

        try
        {
            return Connect(addresses[0], cancellationToken);
        }
        catch (SocketException refusal)
        {
            string hint = refusal.SocketErrorCode == SocketError.ConnectionRefused
                ? "; nothing listens on this port: check that the server runs, its 'port' and its 'bind'."
                : string.Empty;
            throw new IOException($"{_address}: TCP connect failed: {refusal.Message}{hint}", refusal);
        }
    }

    private Socket Connect(IPAddress address, CancellationToken cancellationToken)
    {
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveIntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
        BlockingConnect.Connect(socket, new IPEndPoint(address, _port), cancellationToken);
        return socket;
    }

    private IPAddress[] Resolve(CancellationToken cancellationToken)
    {
        try
        {
            return _lookup.Find(cancellationToken);
        }
        catch (SocketException unknown)
        {
            throw new IOException($"{_address}: the host name could not be resolved: {unknown.Message}", unknown);
        }
    }

    /// <summary>The same addresses, beginning behind the one that the last dial began with or got.</summary>
    private IPAddress[] Order(IPAddress[] addresses)
    {
        int first = Array.IndexOf(addresses, Volatile.Read(ref _tried)) + 1;
        return first == 0 ? addresses : [.. addresses.AsSpan(first), .. addresses.AsSpan(0, first)];
    }
}
