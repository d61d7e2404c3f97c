using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Redlock.Fast.Bench;

/// <summary>What a delaying proxy can carry at all, so that nobody takes its limit for that of what is measured over it.</summary>
internal static class ProxyCapacity
{
    // As long as a request for a lock, each sent by itself: the most work for the fewest bytes.
    private const int FrameBytes = 128;

    /// <returns>Bytes a second, both ways together, to a peer that sends everything back.</returns>
    public static double BytesPerSecond(TimeSpan roundTrip, TimeSpan duration)
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        int port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        using DelayingProxy proxy = new(port, roundTrip);
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(IPEndPoint.Parse(proxy.Endpoint));
        using Socket peer = listener.Accept();
        Start(() => SendBack(peer));
        Start(() => SendAll(client));
        Receive(client, roundTrip);
        long before = proxy.PassedBytes;
        TimeSpan took = Receive(client, duration);
        return (proxy.PassedBytes - before) / took.TotalSeconds;
    }

    private static void SendAll(Socket client)
    {
        byte[] frame = new byte[FrameBytes];
        while (true)
        {
            client.Send(frame);
        }
    }

    private static void SendBack(Socket peer)
    {
        byte[] bytes = new byte[64 * 1024];
        while (peer.Receive(bytes) is > 0 and int count)
        {
            peer.Send(bytes.AsSpan(0, count));
        }
    }

    private static TimeSpan Receive(Socket client, TimeSpan duration)
    {
        byte[] bytes = new byte[64 * 1024];
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            client.Receive(bytes);
        }

        return Stopwatch.GetElapsedTime(start);
    }

    private static void Start(Action work) => new Thread(() =>
    {
        try
        {
            work();
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            // Enough has been measured.
        }
    })
    { IsBackground = true }.Start();
}
