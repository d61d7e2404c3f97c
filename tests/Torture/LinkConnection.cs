using System.Net;
using System.Net.Sockets;

namespace Redlock.Fast.Torture;

/// <summary>One connection over a link.</summary>
internal sealed class LinkConnection : IDisposable
{
    private const int BufferBytes = 16 * 1024;
    private const int LongestSliceBytes = 7;

    // Around the time limits of the clients, so that some requests meet theirs and some do not.
    private const int LongestDelayMilliseconds = 60;

    private static readonly TimeSpan _stallInterval = TimeSpan.FromMilliseconds(20);

    private readonly Link _link;
    private readonly Socket _client;
    private readonly Socket _node = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly int _nodePort;
    private readonly CancellationToken _end;
    private int _isOver;
    private volatile bool _hasLostBytes;

    public LinkConnection(Link link, Socket client, int nodePort, CancellationToken end)
    {
        _link = link;
        _client = client;
        _nodePort = nodePort;
        _end = end;
    }

    public bool IsOver => Volatile.Read(ref _isOver) != 0;

    public bool HasLostBytes => _hasLostBytes;

    public async Task RunAsync()
    {
        try
        {
            if (_link.Condition == LinkCondition.Cut)
            {
                return;
            }

            _client.NoDelay = true;
            _node.NoDelay = true;
            await _node.ConnectAsync(IPAddress.Loopback, _nodePort, _end);
            Task replies = PumpAsync(_node, _client, LinkDirection.Replies);
            await PumpAsync(_client, _node, LinkDirection.Requests);
            await replies;
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One end has gone, or the run is over.
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Ends both connections with a reset, as a lost route or a rebooted machine does.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
        {
            Reset(_client);
            Reset(_node);
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It was never connected, or is closed already.
        }

        socket.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to, LinkDirection direction)
    {
        try
        {
            byte[] buffer = new byte[BufferBytes];
            while (await from.ReceiveAsync(buffer, _end) is > 0 and int count)
            {
                await PassAsync(buffer.AsMemory(0, count), to, direction);
            }
        }
        finally
        {
            Dispose();
        }
    }

    private async Task PassAsync(ReadOnlyMemory<byte> bytes, Socket to, LinkDirection direction)
    {
        while (_link.Condition == LinkCondition.Stalled)
        {
            await Task.Delay(_stallInterval, _end);
        }

        LinkCondition condition = _link.Condition;
        if (_hasLostBytes || condition == LinkCondition.Silent || (condition == LinkCondition.Deaf && direction == LinkDirection.Replies))
        {
            // Requests still pass while only replies are lost.
            if (condition != LinkCondition.Deaf || direction == LinkDirection.Replies)
            {
                _hasLostBytes = true;
                return;
            }
        }

        if (condition == LinkCondition.Slow)
        {
            await Task.Delay(Random.Shared.Next(LongestDelayMilliseconds), _end);
        }

        while (bytes.Length > 0)
        {
            int slice = condition == LinkCondition.Sliced ? Math.Min(
                bytes.Length, Random.Shared.Next(1, LongestSliceBytes + 1)) : bytes.Length;
            int sent = await to.SendAsync(bytes[..slice], _end);
            bytes = bytes[sent..];
        }
    }

    private enum LinkDirection
    {
        Requests = 0,
        Replies,
    }
}
