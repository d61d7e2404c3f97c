using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

namespace Redlock.Fast.Bench;

/// <summary>One direction of a connection: takes bytes as soon as they come, on one thread, and passes them on later, on another.</summary>
internal sealed class DelayLine : IDisposable
{
    private const int ChunkBytes = 64 * 1024;

    private readonly Socket _from;
    private readonly Socket _to;
    private readonly TimeSpan _delay;
    private readonly BlockingCollection<Chunk> _underWay = [];
    private long _passedBytes;

    public DelayLine(Socket from, Socket to, TimeSpan delay)
    {
        _from = from;
        _to = to;
        _delay = delay;
        new Thread(Take) { IsBackground = true, Name = "proxy takes" }.Start();
        new Thread(PassOn) { IsBackground = true, Name = "proxy passes on" }.Start();
    }

    public long PassedBytes => Volatile.Read(ref _passedBytes);

    public void Dispose()
    {
        _from.Dispose();
        _to.Dispose();
    }

    private void Take()
    {
        try
        {
            while (true)
            {
                byte[] bytes = ArrayPool<byte>.Shared.Rent(ChunkBytes);
                int count = _from.Receive(bytes);
                _underWay.Add(new Chunk(bytes, count, Stopwatch.GetTimestamp()));
                if (count == 0)
                {
                    return;
                }
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            _underWay.CompleteAdding();
        }
    }

    private void PassOn()
    {
        try
        {
            foreach (Chunk chunk in _underWay.GetConsumingEnumerable())
            {
                TimeSpan early = _delay - Stopwatch.GetElapsedTime(chunk.TakenTicks);
                if (early > TimeSpan.Zero)
                {
                    Thread.Sleep(early);
                }

                if (chunk.Count == 0)
                {
                    _to.Shutdown(SocketShutdown.Send);
                    return;
                }

                for (int sent = 0; sent < chunk.Count;)
                {
                    sent += _to.Send(chunk.Bytes.AsSpan(sent, chunk.Count - sent));
                }

                Volatile.Write(ref _passedBytes, _passedBytes + chunk.Count);
                ArrayPool<byte>.Shared.Return(chunk.Bytes);
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            // An end is gone, and the way with it.
            Dispose();
        }
    }

    private readonly record struct Chunk(byte[] Bytes, int Count, long TakenTicks);
}
