using System.Buffers;
using System.Buffers.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>What sets an owner id under a key that is not there, for as long as is left of its lock.</summary>
/// <remarks>
/// The same command as an acquisition's, but for the time to live: that has a length of its own each time, since a server reads no number
/// with zeros in front.
/// </remarks>
internal sealed class HealFrame
{
    // Of a number in a bulk string: $2 and the digits, each with a line's end.
    private const int MostBytesOfLife = 32;

    private readonly byte[] _head;
    private readonly byte[] _tail;
    private readonly int _ownerAt;
    private readonly int _numberAt;

    private HealFrame(RespScript? script, ArrayBufferWriter<byte> head, int ownerAt, ArrayBufferWriter<byte> tail, int numberAt)
    {
        Script = script;
        _head = head.WrittenSpan.ToArray();
        _ownerAt = ownerAt;
        _tail = tail.WrittenSpan.ToArray();
        _numberAt = numberAt;
    }

    /// <summary>What it runs; <c>null</c> for a command.</summary>
    public RespScript? Script { get; }

    /// <summary>How much room it needs at the most.</summary>
    public int MostBytes => _head.Length + MostBytesOfLife + _tail.Length;

    // *6 $3 SET $n key $24 owner $2 NX $2 PX | $n milliseconds
    public static HealFrame Plain(ReadOnlySpan<byte> key)
    {
        ArrayBufferWriter<byte> head = new();
        RespWriter.WriteArrayHeader(head, 6);
        RespWriter.WriteBulkString(head, "SET"u8);
        RespWriter.WriteBulkString(head, key);
        int ownerAt = WriteOwnerPlace(head);
        RespWriter.WriteBulkString(head, "NX"u8);
        RespWriter.WriteBulkString(head, "PX"u8);
        return new HealFrame(script: null, head, ownerAt, new ArrayBufferWriter<byte>(), numberAt: -1);
    }

    // *9 $7 EVALSHA $40 digest $1 2 $n key $n counter $24 owner | $n milliseconds | $16 number $n milliseconds
    public static HealFrame Fenced(in FencedKeys keys)
    {
        ArrayBufferWriter<byte> head = new();
        RespWriter.WriteArrayHeader(head, 9);
        RespWriter.WriteBulkString(head, "EVALSHA"u8);
        RespWriter.WriteBulkString(head, FencingScripts.Take.Sha1);
        RespWriter.WriteBulkString(head, 2);
        RespWriter.WriteBulkString(head, keys.Lock);
        RespWriter.WriteBulkString(head, keys.Counter);
        int ownerAt = WriteOwnerPlace(head);
        ArrayBufferWriter<byte> tail = new();
        RespWriter.WriteBulkString(tail, "0000000000000000"u8);
        int numberAt = tail.WrittenCount - FencingNumber.FrameDigits - "\r\n"u8.Length;
        RespWriter.WriteBulkString(tail, keys.CounterMilliseconds);
        return new HealFrame(FencingScripts.Take, head, ownerAt, tail, numberAt);
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="owner">Whose lock it is.</param>
    /// <param name="lifeMilliseconds">1 or more.</param>
    /// <param name="target">Has room for <see cref="MostBytes"/>.</param>
    /// <returns>How long the frame is.</returns>
    public int Write(LockToken owner, long lifeMilliseconds, Span<byte> target)
    {
        _head.CopyTo(target);
        owner.WriteValue(target.Slice(_ownerAt, LockToken.ValueBytes));
        Span<byte> rest = target[_head.Length..];

        // The text of its length has one digit or two.
        Span<byte> digits = stackalloc byte[MostBytesOfLife];
        Utf8Formatter.TryFormat(lifeMilliseconds, digits, out int length);
        rest[0] = (byte)'$';
        Utf8Formatter.TryFormat(length, rest[1..], out int lengthDigits);
        rest = Append(rest[(1 + lengthDigits)..], "\r\n"u8);
        rest = Append(rest, digits[..length]);
        rest = Append(rest, "\r\n"u8);
        _tail.CopyTo(rest);
        if (_numberAt >= 0)
        {
            Utf8Formatter.TryFormat(owner.FencingToken, rest[_numberAt..], out _, new StandardFormat('D', FencingNumber.FrameDigits));
        }

        return target.Length - rest.Length + _tail.Length;
    }

    private static Span<byte> Append(Span<byte> target, scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(target);
        return target[bytes.Length..];
    }

    private static int WriteOwnerPlace(ArrayBufferWriter<byte> frame)
    {
        RespWriter.WriteBulkString(frame, "========================"u8);
        return frame.WrittenCount - LockToken.ValueBytes - "\r\n"u8.Length;
    }
}
