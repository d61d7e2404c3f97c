using Redlock.Fast.Resp;

namespace Redlock.Fast.Simulation;

/// <summary>Reads commands out of bytes that come in pieces.</summary>
internal sealed class FrameReader
{
    private readonly List<byte> _bytes = [];
    private RespReader _reader;

    /// <summary>More has come.</summary>
    /// <returns>The commands that are whole now; <c>null</c> if what came is no command.</returns>
    public List<string[]>? Read(ReadOnlySpan<byte> more)
    {
        _bytes.AddRange(more);
        List<string[]> commands = [];
        int consumed = 0;
        Span<byte> all = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes);
        while (consumed < all.Length)
        {
            RespReadStatus status = _reader.TryRead(all[consumed..], out RespReply command, out int length);
            if (status == RespReadStatus.NeedMore)
            {
                break;
            }

            if (status == RespReadStatus.Invalid || command.Count == 0)
            {
                return null;
            }

            commands.Add(SimulatedRequest.ArgumentsOf(command));
            consumed += length;
        }

        _bytes.RemoveRange(0, consumed);
        return commands;
    }
}
