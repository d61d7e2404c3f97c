using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>
/// One connection as the channels see it: what it has subscribed to, and what was published and is not sent to it yet. Guarded by the
/// node's lock.
/// </summary>
/// <param name="onPushed">Called under that lock when there is something to send; must not send it on this thread.</param>
internal sealed class ChannelListener(Action onPushed)
{
    private readonly ArrayBufferWriter<byte> _unsent = new();

    public HashSet<byte[]> Channels { get; } = new(ByteKeyComparer.Instance);

    public void Push(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> payload)
    {
        RespWriter.WriteArrayHeader(_unsent, 3);
        RespWriter.WriteBulkString(_unsent, "message"u8);
        RespWriter.WriteBulkString(_unsent, channel);
        RespWriter.WriteBulkString(_unsent, payload);
        onPushed();
    }

    /// <summary>Moves what is not sent behind what is about to be.</summary>
    public void MoveTo(IBufferWriter<byte> output)
    {
        if (_unsent.WrittenCount > 0)
        {
            output.Write(_unsent.WrittenSpan);
            _unsent.ResetWrittenCount();
        }
    }
}
