using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>
/// A blocking socket as the stream beneath TLS. A read can be given an end in time, after which the next one goes on where it was.
/// </summary>
internal sealed class SocketStream(Socket socket) : Stream
{
    private static readonly MonotonicTime _clock = MonotonicTime.Shared;

    private SocketSender? _sender;
    private long _readEndTicks = long.MaxValue;

    /// <summary>Whether anything has ever come.</summary>
    public bool HasReceived { get; private set; }

    /// <summary>Whether the last read ended because its time was up.</summary>
    public bool RanOutOfTime { get; private set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>From now on a write never blocks; what the kernel does not take at once goes out from the sender's flush on.</summary>
    /// <remarks>Until then it blocks: nobody waits behind the thread that shakes hands.</remarks>
    public SocketSender StopBlockingWrites() => _sender = new SocketSender(socket);

    /// <summary>Lets reads go on for so long, and fail then.</summary>
    public void LimitReads(TimeSpan time) =>
        _readEndTicks = _clock.GetTimestamp() + (long)(time.TotalSeconds * _clock.TimestampFrequency);

    public void LiftLimit() => _readEndTicks = long.MaxValue;

    public override int Read(Span<byte> buffer)
    {
        try
        {
            RanOutOfTime = _readEndTicks != long.MaxValue
                && !socket.AwaitBytes(_clock.GetElapsedTime(_clock.GetTimestamp(), _readEndTicks));
            return RanOutOfTime ? throw new IOException("The time for this read is up.") : Received(socket.Receive(buffer));
        }
        catch (SocketException failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return Received(await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false));
        }
        catch (SocketException failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_sender is not null)
        {
            _sender.Write(buffer);
            return;
        }

        try
        {
            while (!buffer.IsEmpty)
            {
                buffer = buffer[socket.Send(buffer)..];
            }
        }
        catch (SocketException failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    // What TLS answers by itself within an asynchronous read: small, and its bytes keep their order.
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override void Flush()
    {
        // Nothing is kept.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            socket.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Received(int count)
    {
        HasReceived |= count > 0;
        return count;
    }
}
