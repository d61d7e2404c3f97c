using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Runtime.InteropServices;

namespace Redlock.Fast.Resp;

/// <summary>Encrypts and sends on the calling thread; a flush waits only for a node that takes no more.</summary>
internal sealed class TlsPipeWriter(SslStream session, SocketSender sender, TlsFailure failure) : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _unflushed = new();

    public override Memory<byte> GetMemory(int sizeHint = 0) => _unflushed.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _unflushed.GetSpan(sizeHint);

    public override void Advance(int bytes) => _unflushed.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        Encrypt(_unflushed.WrittenMemory);
        _unflushed.ResetWrittenCount();
        return sender.FlushAsync();
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_unflushed.WrittenCount > 0)
        {
            _unflushed.Write(source.Span);
            return FlushAsync(cancellationToken);
        }

        Encrypt(source);
        return sender.FlushAsync();
    }

    public override void CancelPendingFlush() => throw new NotSupportedException("Dispose the pipe to end a flush.");

    public override void Complete(Exception? exception = null) => session.Dispose();

    private void Encrypt(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            // Not as a span: the session would copy it by way of an array of its own.
            if (MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> segment))
            {
                session.Write(segment.Array!, segment.Offset, segment.Count);
            }
            else
            {
                session.Write(bytes.Span);
            }
        }
        catch (IOException broken)
        {
            throw failure.Explain(broken);
        }
    }
}
