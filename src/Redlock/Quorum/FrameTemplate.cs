using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>A command frame that lacks nothing but the owner id.</summary>
internal sealed class FrameTemplate
{
    private readonly byte[] _bytes;
    private readonly int _ownerAt;

    private FrameTemplate(ArrayBufferWriter<byte> bytes, int ownerAt)
    {
        _bytes = bytes.WrittenSpan.ToArray();
        _ownerAt = ownerAt;
    }

    public int Length => _bytes.Length;

    // *6 $3 SET $n key $24 owner $2 NX $2 PX $n milliseconds
    public static FrameTemplate Acquire(ReadOnlySpan<byte> key, long expiryMilliseconds)
    {
        ArrayBufferWriter<byte> frame = new();
        RespWriter.WriteArrayHeader(frame, 6);
        RespWriter.WriteBulkString(frame, "SET"u8);
        RespWriter.WriteBulkString(frame, key);
        int ownerAt = WriteOwnerPlace(frame);
        RespWriter.WriteBulkString(frame, "NX"u8);
        RespWriter.WriteBulkString(frame, "PX"u8);
        RespWriter.WriteBulkString(frame, expiryMilliseconds);
        return new FrameTemplate(frame, ownerAt);
    }

    // *5 $7 EVALSHA $40 digest $1 1 $n key $24 owner
    public static FrameTemplate Release(ReadOnlySpan<byte> key)
    {
        ArrayBufferWriter<byte> frame = new();
        RespWriter.WriteArrayHeader(frame, 5);
        return new FrameTemplate(frame, WriteScriptCall(frame, RedlockScripts.Release, key));
    }

    // *6 $7 EVALSHA $40 digest $1 1 $n key $24 owner $n milliseconds
    public static FrameTemplate Extend(ReadOnlySpan<byte> key, long expiryMilliseconds)
    {
        ArrayBufferWriter<byte> frame = new();
        RespWriter.WriteArrayHeader(frame, 6);
        int ownerAt = WriteScriptCall(frame, RedlockScripts.Extend, key);
        RespWriter.WriteBulkString(frame, expiryMilliseconds);
        return new FrameTemplate(frame, ownerAt);
    }

    /// <summary>Writes the whole frame for one owner.</summary>
    public void Write(LockToken owner, Span<byte> target)
    {
        _bytes.CopyTo(target);
        owner.WriteValue(target.Slice(_ownerAt, LockToken.ValueBytes));
    }

    private static int WriteScriptCall(ArrayBufferWriter<byte> frame, RespScript script, ReadOnlySpan<byte> key)
    {
        RespWriter.WriteBulkString(frame, "EVALSHA"u8);
        RespWriter.WriteBulkString(frame, script.Sha1);
        RespWriter.WriteBulkString(frame, 1);
        RespWriter.WriteBulkString(frame, key);
        return WriteOwnerPlace(frame);
    }

    private static int WriteOwnerPlace(ArrayBufferWriter<byte> frame)
    {
        RespWriter.WriteBulkString(frame, "========================"u8);
        return frame.WrittenCount - LockToken.ValueBytes - "\r\n"u8.Length;
    }
}
