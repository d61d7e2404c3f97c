using System.Buffers;

namespace Redlock.Fast.Resp;

/// <summary>Loads a script on a connection whose handshake did not know it, and asks what the handshake would have asked.</summary>
/// <remarks>
/// Whoever runs the script comes behind it on the connection: no reply of theirs is believed before these have been read.
/// </remarks>
internal sealed class ScriptPreparation(RespConnection connection, ServerText serverText) : HandshakeSupplement
{
    private readonly ScriptSupport _support = new(serverText);

    public void Send(RespScript script)
    {
        if (connection.IsSubstituting)
        {
            return;
        }

        Send(HandshakeStep.LoadScript, ["SCRIPT", "LOAD", script.Text]);
        Send(HandshakeStep.AskForTexts, ScriptSupport.AskForTexts);
        Send(HandshakeStep.AskForDigests, ScriptSupport.AskForDigests);
    }

    public override void OnReply(long tag, in RespReply reply)
    {
        if (reply.Type == RespType.Error)
        {
            _support.Note((HandshakeStep)tag, reply);
        }

        if ((HandshakeStep)tag != HandshakeStep.AskForDigests)
        {
            return;
        }

        if (connection.IsSubstituting)
        {
            // It was sent before the handshake had found out.
            return;
        }

        if (_support.Route == ScriptRoute.None)
        {
            // The handshake of the next connection knows the script, and asks for what can stand in for it.
            connection.Finish(RequestFailure.NotConnected, _support.Problem());
        }
        else
        {
            connection.RunScripts(_support.Route);
        }
    }

    public override void OnFailure(long tag, RequestFailure failure)
    {
        // The connection is over; the handshake of the next one knows the script.
    }

    private void Send(HandshakeStep step, ReadOnlySpan<string> command)
    {
        ArrayBufferWriter<byte> frame = new();
        RespWriter.WriteCommand(frame, command);
        connection.TrySend(
            frame.WrittenSpan,
            new RespRequest { Handler = this, Tag = (long)step, DeadlineTicks = long.MaxValue, Priority = RequestPriority.Reserved });
    }
}
