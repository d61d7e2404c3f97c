using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>A command frame that lacks nothing but the owner id, and a predecessor's where there is one.</summary>
internal sealed partial class FrameTemplate
{
    private readonly byte[] _bytes;
    private readonly int _ownerAt;
    private readonly int _predecessorAt;
    private readonly int _numberAt;

    private FrameTemplate(
        ArrayBufferWriter<byte> bytes, RespScript? script, int ownerAt, int predecessorAt = 0, int numberAt = 0)
    {
        Script = script;
        _bytes = bytes.WrittenSpan.ToArray();
        _ownerAt = ownerAt;
        _predecessorAt = predecessorAt;
        _numberAt = numberAt;
    }

    /// <summary>What it runs; <c>null</c> for a command.</summary>
    public RespScript? Script { get; }

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
        return new FrameTemplate(frame, script: null, ownerAt);
    }

    // *5 $7 EVALSHA $40 digest $1 1 $n key $24 owner, with a mark *6 ... $1 2 $n key $n mark ...
    public static FrameTemplate Release(ReadOnlySpan<byte> key, ReadOnlySpan<byte> mark)
    {
        ArrayBufferWriter<byte> frame = new();
        WriteScriptHead(frame, RedlockScripts.Release, key, mark, arguments: 1);
        return new FrameTemplate(frame, RedlockScripts.Release, WriteOwnerPlace(frame));
    }

    // *6 $7 EVALSHA $40 digest $1 1 $n key $24 owner $n milliseconds
    public static FrameTemplate Extend(ReadOnlySpan<byte> key, long expiryMilliseconds)
    {
        ArrayBufferWriter<byte> frame = new();
        WriteScriptHead(frame, RedlockScripts.Extend, key, mark: [], arguments: 2);
        int ownerAt = WriteOwnerPlace(frame);
        RespWriter.WriteBulkString(frame, expiryMilliseconds);
        return new FrameTemplate(frame, RedlockScripts.Extend, ownerAt);
    }

    // *7 $7 EVALSHA $40 digest $1 2 $n key $n mark $24 owner $n milliseconds
    public static FrameTemplate Take(ReadOnlySpan<byte> key, ReadOnlySpan<byte> mark, long expiryMilliseconds)
    {
        ArrayBufferWriter<byte> frame = new();
        WriteScriptHead(frame, RedlockScripts.Take, key, mark, arguments: 2);
        int ownerAt = WriteOwnerPlace(frame);
        RespWriter.WriteBulkString(frame, expiryMilliseconds);
        return new FrameTemplate(frame, RedlockScripts.Take, ownerAt);
    }

    // The same with $24 predecessor behind it.
    public static FrameTemplate Succeed(ReadOnlySpan<byte> key, ReadOnlySpan<byte> mark, long expiryMilliseconds)
    {
        ArrayBufferWriter<byte> frame = new();
        WriteScriptHead(frame, RedlockScripts.Take, key, mark, arguments: 3);
        int ownerAt = WriteOwnerPlace(frame);
        RespWriter.WriteBulkString(frame, expiryMilliseconds);
        return new FrameTemplate(frame, RedlockScripts.Take, ownerAt, WriteOwnerPlace(frame));
    }

    /// <summary>Writes the whole frame for one owner.</summary>
    public void Write(LockToken owner, Span<byte> target)
    {
        _bytes.CopyTo(target);
        owner.WriteValue(target.Slice(_ownerAt, LockToken.ValueBytes));
        if (_numberAt != 0)
        {
            WriteNumber(owner.FencingToken, target[_numberAt..]);
        }
    }

    /// <summary>The same with whom the owner succeeds, which means nothing to a frame that succeeds nobody.</summary>
    public void Write(LockToken owner, LockToken predecessor, Span<byte> target)
    {
        Write(owner, target);
        if (_predecessorAt != 0)
        {
            predecessor.WriteValue(target.Slice(_predecessorAt, LockToken.ValueBytes));
        }
    }

    private static void WriteScriptHead(
        ArrayBufferWriter<byte> frame, RespScript script, ReadOnlySpan<byte> key, ReadOnlySpan<byte> mark, int arguments)
    {
        int keys = mark.IsEmpty ? 1 : 2;
        RespWriter.WriteArrayHeader(frame, 3 + keys + arguments);
        RespWriter.WriteBulkString(frame, "EVALSHA"u8);
        RespWriter.WriteBulkString(frame, script.Sha1);
        RespWriter.WriteBulkString(frame, keys);
        RespWriter.WriteBulkString(frame, key);
        if (!mark.IsEmpty)
        {
            RespWriter.WriteBulkString(frame, mark);
        }
    }

    private static int WriteOwnerPlace(ArrayBufferWriter<byte> frame)
    {
        RespWriter.WriteBulkString(frame, "========================"u8);
        return frame.WrittenCount - LockToken.ValueBytes - "\r\n"u8.Length;
    }
}
