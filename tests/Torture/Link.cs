using System.Net;
using System.Net.Sockets;

namespace Redlock.Fast.Torture;

/// <summary>A way from one client to one node over loopback, which can be made as bad as any network.</summary>
internal sealed class Link : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<LinkConnection> _connections = [];
    private readonly int _nodePort;
    private int _condition = (int)LinkCondition.Clear;

    public Link(int nodePort)
    {
        _nodePort = nodePort;
        _listener.Start();
        Endpoint = _listener.LocalEndpoint.ToString()!;
        _ = AcceptAsync();
    }

    public string Endpoint { get; }

    public LinkCondition Condition => (LinkCondition)Volatile.Read(ref _condition);

    public void Become(LinkCondition condition)
    {
        Volatile.Write(ref _condition, (int)condition);
        lock (_gate)
        {
            _connections.RemoveAll(connection => connection.IsOver);
            foreach (LinkConnection connection in _connections)
            {
                // A stream that lacks bytes is no stream any more, as after a restart of a firewall.
                if (condition == LinkCondition.Cut || (condition == LinkCondition.Clear && connection.HasLostBytes))
                {
                    connection.Dispose();
                }
            }
        }
    }

    /// <summary>Resets what is connected; whoever connects again may.</summary>
    public void Break()
    {
        lock (_gate)
        {
            foreach (LinkConnection connection in _connections)
            {
                connection.Dispose();
            }

            _connections.Clear();
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        Become(LinkCondition.Cut);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_end.Token);
                LinkConnection connection = new(this, client, _nodePort, _end.Token);
                lock (_gate)
                {
                    _connections.Add(connection);
                }

                _ = connection.RunAsync();
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The run is over.
        }
    }
}
