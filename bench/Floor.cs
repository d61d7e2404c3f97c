using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Redlock.Fast.Bench;

/// <summary>The floor: blocking sockets on the caller's thread, the same bytes, every node awaited, nothing else.</summary>
internal sealed class Floor : IDisposable
{
    private readonly Socket[] _sockets;
    private readonly byte[] _received = new byte[256];
    private readonly byte[] _acquire;
    private readonly byte[] _release;

    public Floor(IEnumerable<string> endpoints, string name, TimeSpan expiry)
    {
        const string owner = "AAAAAAAAAAAAAAAAAAAAAA==";
        _sockets = [.. endpoints.Select(Connect)];
        _acquire = Frame("SET", name, owner, "NX", "PX", ((long)expiry.TotalMilliseconds).ToString());
        _release = Frame("EVALSHA", RedlockScripts.Release.Sha1, "2", name, $"{{{name}}}:waiting", owner);
        foreach (Socket socket in _sockets)
        {
            socket.Send(Frame("SCRIPT", "LOAD", RedlockScripts.Release.Text));
            socket.Receive(_received);
        }
    }

    public void Cycle()
    {
        Exchange(_acquire, (byte)'+');
        Exchange(_release, (byte)':');
    }

    /// <summary>A cycle that finds everything cold: processor caches, the scheduler, the server.</summary>
    /// <returns>Its length, in ticks of the stopwatch.</returns>
    public long CycleAfter(TimeSpan pause)
    {
        Thread.Sleep(pause);
        long start = Stopwatch.GetTimestamp();
        Cycle();
        return Stopwatch.GetTimestamp() - start;
    }

    public void Dispose()
    {
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private static Socket Connect(string endpoint)
    {
        if (endpoint.StartsWith("unix:", StringComparison.Ordinal))
        {
            Socket unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            unix.Connect(new UnixDomainSocketEndPoint(endpoint["unix:".Length..]));
            return unix;
        }

        Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        tcp.Connect(IPEndPoint.Parse(endpoint));
        return tcp;
    }

    private static byte[] Frame(params string[] arguments)
    {
        StringBuilder frame = new($"*{arguments.Length}\r\n");
        foreach (string argument in arguments)
        {
            frame.Append($"${argument.Length}\r\n{argument}\r\n");
        }

        return Encoding.ASCII.GetBytes(frame.ToString());
    }

    private void Exchange(byte[] frame, byte expected)
    {
        foreach (Socket socket in _sockets)
        {
            socket.Send(frame);
        }

        foreach (Socket socket in _sockets)
        {
            int count = socket.Receive(_received);
            if (_received[0] != expected || _received[count - 1] != '\n')
            {
                throw new InvalidOperationException($"The floor got {Encoding.ASCII.GetString(_received, 0, count)}");
            }
        }
    }
}
