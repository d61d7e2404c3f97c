using System.Net.Security;

namespace Redlock.Fast.Resp;

/// <summary>Decrypts on the thread that reads: the thread pool has no part in it.</summary>
internal sealed class TlsPipeReader(SslStream session, SocketStream beneath, TlsFailure failure) : BufferedPipeReader
{
    public override bool Poll(TimeSpan time)
    {
        if (!Buffer.IsExhausted)
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

    public override void Complete(Exception? exception = null) => beneath.Dispose();

    protected override void Receive()
    {
        // Not as a span: the session would copy it by way of an array of its own.
        ArraySegment<byte> room = Buffer.MakeRoom();
        try
        {
            Received(session.Read(room.Array!, room.Offset, room.Count));
        }
        catch (IOException broken) when (!beneath.RanOutOfTime)
        {
            throw failure.Explain(broken);
        }
    }

    protected override async ValueTask ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            Received(await session.ReadAsync(Buffer.MakeRoom().AsMemory(), cancellationToken).ConfigureAwait(false));
        }
        catch (IOException broken)
        {
            throw failure.Explain(broken);
        }
    }

    private void Received(int count)
    {
        failure.NoteRead(count);
        Buffer.Received(count);
    }
}
