using System.Net;
using System.Net.Sockets;

namespace Redlock.Fast.Bench;

/// <summary>A long way to a server: every byte arrives half a round trip later, each way, and the way itself has no limit.</summary>
internal sealed class DelayingProxy : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<DelayLine> _lines = [];
    private readonly int _port;
    private readonly TimeSpan _roundTrip;

    public DelayingProxy(int port, TimeSpan roundTrip)
    {
        _port = port;
        _roundTrip = roundTrip;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Endpoint = _listener.LocalEndPoint!.ToString()!;
        new Thread(Accept) { IsBackground = true, Name = "proxy" }.Start();
    }

    public string Endpoint { get; }

    /// <summary>How many bytes have passed, both ways together.</summary>
    public long PassedBytes
    {
        get
        {
            lock (_lines)
            {
                return _lines.Sum(line => line.PassedBytes);
            }
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        lock (_lines)
        {
            _lines.ForEach(line => line.Dispose());
        }
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                Socket client = _listener.Accept();
                Socket server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                server.Connect(IPAddress.Loopback, _port);
                client.NoDelay = true;
                server.NoDelay = true;
                lock (_lines)
                {
                    _lines.Add(new DelayLine(client, server, _roundTrip / 2));
                    _lines.Add(new DelayLine(server, client, _roundTrip / 2));
                }
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            // The proxy is disposed.
        }
    }
}
