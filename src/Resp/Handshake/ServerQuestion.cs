using System.Buffers;

namespace Redlock.Fast.Resp;

/// <summary>Asks on a connection whose handshake did not who the server is.</summary>
/// <remarks>
/// Whoever wants to know sends behind it on the connection: no reply of theirs is handed on before these have been read.
/// </remarks>
internal sealed class ServerQuestion(RespConnection connection, TimeProvider time) : HandshakeSupplement
{
    private readonly ServerIdentity _identity = new(time);

    public void Send()
    {
        ArrayBufferWriter<byte> frame = new();
        RespWriter.WriteCommand(frame, ["INFO", "server"]);
        connection.TrySend(
            frame.WrittenSpan,
            new RespRequest { Handler = this, DeadlineTicks = long.MaxValue, Priority = RequestPriority.Reserved });
    }

    public override void OnReply(long tag, in RespReply reply)
    {
        if (reply.Type == RespType.BulkString)
        {
            _identity.Note(reply);
        }

        connection.Introduce(_identity.Server);
    }

    public override void OnFailure(long tag, RequestFailure failure)
    {
        // The connection is over; the handshake of the next one asks.
    }
}
