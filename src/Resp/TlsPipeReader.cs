using System.IO.Pipelines;
using System.Net.Security;

namespace Redlock.Fast.Resp;

/// <summary>Decrypts into the buffer that its readers parse, on the thread that reads: the thread pool has no part in it.</summary>
internal sealed class TlsPipeReader(SslStream session, SocketStream beneath, TlsFailure failure) : BlockingPipeReader
{
    private readonly ReceiveBuffer _buffer = new();

    public override ReadResult Read()
    {
        if (_buffer.IsExhausted)
        {
            Receive();
        }

        return _buffer.HandOut();
    }

    public override bool Poll(TimeSpan time)
    {
        if (!_buffer.IsExhausted)
        {
            return true;
        }

        // Bytes on the socket are no promise of bytes of the stream: they may be half a record, or one that carries none. So this reads.
        beneath.LimitReads(time);
        try
        {
            Receive();
            return true;
        }
        catch (IOException) when (beneath.RanOutOfTime)
        {
            return false;
        }
        finally
        {
            beneath.LiftLimit();
        }
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_buffer.IsExhausted)
        {
            try
            {
                Received(await session.ReadAsync(_buffer.MakeRoom().AsMemory(), cancellationToken).ConfigureAwait(false));
            }
            catch (IOException broken)
            {
                throw failure.Explain(broken);
            }
        }

        return _buffer.HandOut();
    }

    public override bool TryRead(out ReadResult result)
    {
        bool isThere = !_buffer.IsExhausted;
        result = isThere ? _buffer.HandOut() : default;
        return isThere;
    }

    public override void AdvanceTo(SequencePosition consumed) => _buffer.AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _buffer.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => throw new NotSupportedException("Dispose the pipe to end a read.");

    public override void Complete(Exception? exception = null) => beneath.Dispose();

    private void Receive()
    {
        // Not as a span: the session would copy it by way of an array of its own.
        ArraySegment<byte> room = _buffer.MakeRoom();
        try
        {
            Received(session.Read(room.Array!, room.Offset, room.Count));
        }
        catch (IOException broken) when (!beneath.RanOutOfTime)
        {
            throw failure.Explain(broken);
        }
    }

    private void Received(int count)
    {
        failure.NoteRead(count);
        _buffer.Received(count);
    }
}
