using System.Buffers;

namespace Redlock.Fast.Resp;

// What the handshake asks once it has heard that no scripts are run.
internal sealed partial class RespConnection
{
    /// <summary>Whether commands stand in for scripts here.</summary>
    public bool IsSubstituting
    {
        get
        {
            using (_gate.Enter())
            {
                AssertInvariants();
                return _queue.Line.Route >= ScriptRoute.DelIfEq;
            }
        }
    }

    /// <summary>Asks more of the node before the connection is ready; called while a reply of the handshake is handled.</summary>
    public void AskInHandshake(ReplyHandler handler, long firstTag, ReadOnlySpan<string[]> questions)
    {
        using (_gate.Enter())
        {
            AssertInvariants();
            if (_phase != ConnectionPhase.Handshaking)
            {
                return;
            }

            foreach (string[] question in questions)
            {
                ArrayBufferWriter<byte> frame = new();
                RespWriter.WriteCommand(frame, question);
                _queue.AppendHandshake(frame.WrittenSpan, handler, firstTag++);
            }
        }
    }
}
