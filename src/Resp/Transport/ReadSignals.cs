using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>Waits for any of several signals, again and again without allocating.</summary>
internal sealed class ReadSignals(int most)
{
    private readonly List<Socket> _sockets = new(most);
    private int _next;

    /// <summary>Forgets all signals.</summary>
    public void Clear()
    {
        _sockets.Clear();
        _next = 0;
    }

    public void Add(ReadSignal signal) => _sockets.Add(signal.Socket);

    /// <summary>Blocks until one of them is given, or until the time is up. What is left then are those.</summary>
    /// <returns>False if the time is up, or if a transport was disposed, which is how another thread ends this call.</returns>
    public bool TryAwait(TimeSpan time)
    {
        try
        {
            Socket.Select(_sockets, null, null, time);
            return _sockets.Count > 0;
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Whether it was given. To be asked in the order in which they were added.</summary>
    public bool IsGiven(ReadSignal signal)
    {
        if (_next == _sockets.Count || _sockets[_next] != signal.Socket)
        {
            return false;
        }

        _next++;
        return true;
    }
}
