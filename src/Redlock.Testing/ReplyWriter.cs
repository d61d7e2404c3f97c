using System.Buffers;
using System.Buffers.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>Writes what only a server writes; arrays and bulk strings are those of <see cref="RespWriter"/>.</summary>
/// <remarks>Refuses a line that has CR, LF or an unpaired surrogate in it, and then has written no byte of it.</remarks>
internal static class ReplyWriter
{
    // Type byte, the longest number, CRLF.
    private const int MostNumberBytes = 1 + 20 + 2;

    // "+" text CR LF
    /// <summary>Writes a simple string, in UTF-8.</summary>
    public static void WriteSimpleString(IBufferWriter<byte> output, ReadOnlySpan<char> text) =>
        WriteLine(output, RespType.SimpleString, text);

    // "-" text CR LF
    /// <summary>Writes an error, in UTF-8.</summary>
    public static void WriteError(IBufferWriter<byte> output, ReadOnlySpan<char> text) =>
        WriteLine(output, RespType.Error, text);

    // ":" number CR LF
    /// <summary>Writes an integer.</summary>
    public static void WriteInteger(IBufferWriter<byte> output, long value) => WriteNumber(output, RespType.Integer, value);

    // "$-1" CR LF
    /// <summary>Writes the null bulk string.</summary>
    public static void WriteNullBulkString(IBufferWriter<byte> output) => WriteNumber(output, RespType.BulkString, -1);

    // "*-1" CR LF
    /// <summary>Writes the null array.</summary>
    public static void WriteNullArray(IBufferWriter<byte> output) => WriteNumber(output, RespType.Array, -1);

    /// <summary>Writes a value of any type, an array with all its items.</summary>
    public static void WriteValue(IBufferWriter<byte> output, in RespValue value)
    {
        switch (value.Type)
        {
            case RespType.SimpleString or RespType.Error:
                WriteLine(output, value.Type, value.Bytes.Span);
                break;
            case RespType.Integer:
                WriteInteger(output, value.Integer);
                break;
            case var type when value.IsNull:
                WriteNumber(output, type, -1);
                break;
            case RespType.BulkString:
                RespWriter.WriteBulkString(output, value.Bytes.Span);
                break;
            case RespType.Array:
                RespWriter.WriteArrayHeader(output, value.Items.Count);
                foreach (RespValue item in value.Items)
                {
                    WriteValue(output, item);
                }

                break;
            default:
                throw new ArgumentException("A default RespValue is no value and can't be written.", nameof(value));
        }
    }

    private static void WriteLine(IBufferWriter<byte> output, RespType type, ReadOnlySpan<char> text)
    {
        RespText.RefuseLineBreaks(text);
        Span<byte> span = output.GetSpan(1 + RespText.Measure(text) + 2);
        span[0] = (byte)type;
        int length = 1 + RespText.Encode(text, span[1..]);
        output.Advance(PutLineEnd(span, length));
    }

    private static void WriteLine(IBufferWriter<byte> output, RespType type, ReadOnlySpan<byte> line)
    {
        Span<byte> span = output.GetSpan(1 + line.Length + 2);
        span[0] = (byte)type;
        line.CopyTo(span[1..]);
        output.Advance(PutLineEnd(span, 1 + line.Length));
    }

    private static void WriteNumber(IBufferWriter<byte> output, RespType type, long value)
    {
        Span<byte> span = output.GetSpan(MostNumberBytes);
        span[0] = (byte)type;
        Utf8Formatter.TryFormat(value, span[1..], out int digits);
        output.Advance(PutLineEnd(span, 1 + digits));
    }

    private static int PutLineEnd(Span<byte> span, int length)
    {
        "\r\n"u8.CopyTo(span[length..]);
        return length + 2;
    }
}
