using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>Sends on the calling thread, straight out of the caller's memory where it can.</summary>
internal sealed class SocketPipeWriter(Socket socket) : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _unflushed = new();

    public override Memory<byte> GetMemory(int sizeHint = 0) => _unflushed.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _unflushed.GetSpan(sizeHint);

    public override void Advance(int bytes) => _unflushed.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        SendAll(_unflushed.WrittenSpan);
        _unflushed.ResetWrittenCount();
        return default;
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_unflushed.WrittenCount > 0)
        {
            _unflushed.Write(source.Span);
            return FlushAsync(cancellationToken);
        }

        SendAll(source.Span);
        return default;
    }

    public override void CancelPendingFlush()
    {
        // A flush never pends: it blocks its caller until the kernel has the bytes.
    }

    public override void Complete(Exception? exception = null) => socket.Dispose();

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[socket.Send(bytes)..];
            }
        }
        catch (SocketException failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }
}
