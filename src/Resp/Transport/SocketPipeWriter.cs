using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>Sends on the calling thread, straight out of the caller's memory; a flush waits only for a node that takes no more.</summary>
internal sealed class SocketPipeWriter(Socket socket) : PipeWriter
{
    private readonly SocketSender _sender = new(socket);
    private readonly ArrayBufferWriter<byte> _unflushed = new();

    public override Memory<byte> GetMemory(int sizeHint = 0) => _unflushed.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _unflushed.GetSpan(sizeHint);

    public override void Advance(int bytes) => _unflushed.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        _sender.Write(_unflushed.WrittenSpan);
        _unflushed.ResetWrittenCount();
        return _sender.FlushAsync();
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_unflushed.WrittenCount > 0)
        {
            _unflushed.Write(source.Span);
            return FlushAsync(cancellationToken);
        }

        _sender.Write(source.Span);
        return _sender.FlushAsync();
    }

    public override void CancelPendingFlush() => throw new NotSupportedException("Dispose the pipe to end a flush.");

    public override void Complete(Exception? exception = null) => socket.Dispose();
}
