using System.Buffers;
using System.Buffers.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

// The frames of fenced locks: a number stands in them too.
internal sealed partial class FrameTemplate
{
    /// <summary>An acquisition, with a mark that says so if somebody waits, and a predecessor if it is a succession.</summary>
    // *9 $7 EVALSHA $40 digest $1 2 $n key $n counter $24 owner $n milliseconds $16 proposal $n milliseconds, a mark behind the counter
    public static FrameTemplate FencedTake(in FencedKeys keys, ReadOnlySpan<byte> mark, FencedTaker taker)
    {
        ArrayBufferWriter<byte> frame = new();
        int ownerAt = WriteFencedHead(frame, FencingScripts.Take, keys, mark, arguments: taker == FencedTaker.Successor ? 5 : 4);
        int numberAt = WriteFencedTail(frame, keys);
        int predecessorAt = taker == FencedTaker.Successor ? WriteOwnerPlace(frame) : 0;
        return new FrameTemplate(frame, FencingScripts.Take, ownerAt, predecessorAt, numberAt);
    }

    /// <summary>An extension, and the second round of an acquisition.</summary>
    public static FrameTemplate Raise(in FencedKeys keys)
    {
        ArrayBufferWriter<byte> frame = new();
        int ownerAt = WriteFencedHead(frame, FencingScripts.Raise, keys, mark: [], arguments: 4);
        return new FrameTemplate(frame, FencingScripts.Raise, ownerAt, numberAt: WriteFencedTail(frame, keys));
    }

    private static int WriteFencedHead(
        ArrayBufferWriter<byte> frame, RespScript script, in FencedKeys keys, ReadOnlySpan<byte> mark, int arguments)
    {
        int count = mark.IsEmpty ? 2 : 3;
        RespWriter.WriteArrayHeader(frame, 3 + count + arguments);
        RespWriter.WriteBulkString(frame, "EVALSHA"u8);
        RespWriter.WriteBulkString(frame, script.Sha1);
        RespWriter.WriteBulkString(frame, count);
        RespWriter.WriteBulkString(frame, keys.Lock);
        RespWriter.WriteBulkString(frame, keys.Counter);
        if (!mark.IsEmpty)
        {
            RespWriter.WriteBulkString(frame, mark);
        }

        return WriteOwnerPlace(frame);
    }

    private static int WriteFencedTail(ArrayBufferWriter<byte> frame, in FencedKeys keys)
    {
        RespWriter.WriteBulkString(frame, keys.ExpiryMilliseconds);
        RespWriter.WriteBulkString(frame, "0000000000000000"u8);
        int numberAt = frame.WrittenCount - FencingNumber.FrameDigits - "\r\n"u8.Length;
        RespWriter.WriteBulkString(frame, keys.CounterMilliseconds);
        return numberAt;
    }

    private static void WriteNumber(long number, Span<byte> target) =>
        Utf8Formatter.TryFormat(number, target, out _, new StandardFormat('D', FencingNumber.FrameDigits));
}

/// <summary>What the frames of a fenced lock have in common.</summary>
/// <param name="Lock">Its key.</param>
/// <param name="Counter">The key of the counter.</param>
/// <param name="ExpiryMilliseconds">How long the lock lives.</param>
/// <param name="CounterMilliseconds">How long the counter lives, counted from each use.</param>
internal readonly record struct FencedKeys(byte[] Lock, byte[] Counter, long ExpiryMilliseconds, long CounterMilliseconds);

/// <summary>Whose a fenced acquisition is.</summary>
internal enum FencedTaker : byte
{
    /// <summary>Somebody who finds the lock free.</summary>
    Newcomer = 0,

    /// <summary>Somebody to whom the holder hands it.</summary>
    Successor,
}
