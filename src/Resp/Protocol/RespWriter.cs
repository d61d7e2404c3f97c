using System.Buffers;
using System.Buffers.Text;

namespace Redlock.Fast.Resp;

/// <summary>Writes RESP2, an element at a time; what a method refuses, it has written no byte of.</summary>
public static class RespWriter
{
    // Type byte, the longest number, CRLF.
    private const int MostHeaderBytes = 1 + RespElement.LongestNumber + 2;

    // "*" count CR LF, then each argument as a bulk string
    /// <summary>Writes a command as the array of bulk strings that a node expects.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="arguments">The command's name and its arguments, written in UTF-8.</param>
    /// <exception cref="ArgumentException">There are none, or one is null or has an unpaired surrogate.</exception>
    public static void WriteCommand(IBufferWriter<byte> output, params ReadOnlySpan<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (arguments.IsEmpty)
        {
            throw new ArgumentException("A command has at least its name.", nameof(arguments));
        }

        // Half a command on a connection would swallow the next one, so all are checked before the first is written.
        foreach (string argument in arguments)
        {
            ArgumentNullException.ThrowIfNull(argument, nameof(arguments));
            RespText.Measure(argument);
        }

        WriteArrayHeader(output, arguments.Length);
        foreach (string argument in arguments)
        {
            WriteBulkString(output, argument.AsSpan());
        }
    }

    // "*" count CR LF
    /// <summary>Writes the beginning of an array; exactly <paramref name="count"/> elements must follow.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="count">How many items the array has.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public static void WriteArrayHeader(IBufferWriter<byte> output, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        WriteNumber(output, RespType.Array, count);
    }

    // "$" length CR LF, then that many bytes, CR LF
    /// <summary>Writes bytes as a bulk string.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="bytes">The payload, any bytes.</param>
    public static void WriteBulkString(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(output);
        Span<byte> span = output.GetSpan(MostHeaderBytes + bytes.Length + 2);
        int length = PutNumber(span, RespType.BulkString, bytes.Length);
        bytes.CopyTo(span[length..]);
        length += bytes.Length;
        output.Advance(PutLineEnd(span, length));
    }

    // "$" length CR LF, then that many bytes, CR LF
    /// <summary>Writes text as a bulk string, in UTF-8.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="ArgumentException">An unpaired surrogate is in the text.</exception>
    public static void WriteBulkString(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        ArgumentNullException.ThrowIfNull(output);
        int bytes = RespText.Measure(text);
        Span<byte> span = output.GetSpan(MostHeaderBytes + bytes + 2);
        int length = PutNumber(span, RespType.BulkString, bytes);
        length += RespText.Encode(text, span[length..]);
        output.Advance(PutLineEnd(span, length));
    }

    // "$" length CR LF, then the number's digits, CR LF
    /// <summary>Writes a number as a bulk string of its digits, which is how a command takes numbers.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="value">The number.</param>
    public static void WriteBulkString(IBufferWriter<byte> output, long value)
    {
        Span<byte> digits = stackalloc byte[RespElement.LongestNumber];
        Utf8Formatter.TryFormat(value, digits, out int length);
        WriteBulkString(output, digits[..length]);
    }

    // "+" text CR LF
    /// <summary>Writes a simple string, in UTF-8.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="text">The text, without CR and LF.</param>
    /// <exception cref="ArgumentException">CR, LF or an unpaired surrogate is in the text.</exception>
    public static void WriteSimpleString(IBufferWriter<byte> output, ReadOnlySpan<char> text) =>
        WriteLine(output, RespType.SimpleString, text);

    // "-" text CR LF
    /// <summary>Writes an error, in UTF-8.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="text">Its code and text, without CR and LF.</param>
    /// <exception cref="ArgumentException">CR, LF or an unpaired surrogate is in the text.</exception>
    public static void WriteError(IBufferWriter<byte> output, ReadOnlySpan<char> text) =>
        WriteLine(output, RespType.Error, text);

    // ":" number CR LF
    /// <summary>Writes an integer.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="value">The number.</param>
    public static void WriteInteger(IBufferWriter<byte> output, long value) => WriteNumber(output, RespType.Integer, value);

    // "$-1" CR LF
    /// <summary>Writes the null bulk string.</summary>
    /// <param name="output">Where to write.</param>
    public static void WriteNullBulkString(IBufferWriter<byte> output) => WriteNumber(output, RespType.BulkString, -1);

    // "*-1" CR LF
    /// <summary>Writes the null array.</summary>
    /// <param name="output">Where to write.</param>
    public static void WriteNullArray(IBufferWriter<byte> output) => WriteNumber(output, RespType.Array, -1);

    // any of the above
    /// <summary>Writes a value of any type, an array with all its items.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentException">The value is <c>default</c>. An item that is <c>default</c> is found only
    /// when its turn comes, behind the items before it.</exception>
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
                WriteBulkString(output, value.Bytes.Span);
                break;
            case RespType.Array:
                WriteArrayHeader(output, value.Items.Count);
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
        ArgumentNullException.ThrowIfNull(output);
        RespText.RefuseLineBreaks(text);
        Span<byte> span = output.GetSpan(1 + RespText.Measure(text) + 2);
        span[0] = (byte)type;
        int length = 1 + RespText.Encode(text, span[1..]);
        output.Advance(PutLineEnd(span, length));
    }

    private static void WriteLine(IBufferWriter<byte> output, RespType type, ReadOnlySpan<byte> line)
    {
        ArgumentNullException.ThrowIfNull(output);
        Span<byte> span = output.GetSpan(1 + line.Length + 2);
        span[0] = (byte)type;
        line.CopyTo(span[1..]);
        output.Advance(PutLineEnd(span, 1 + line.Length));
    }

    private static void WriteNumber(IBufferWriter<byte> output, RespType type, long value)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Advance(PutNumber(output.GetSpan(MostHeaderBytes), type, value));
    }

    private static int PutNumber(Span<byte> span, RespType type, long value)
    {
        span[0] = (byte)type;
        Utf8Formatter.TryFormat(value, span[1..], out int digits);
        return PutLineEnd(span, 1 + digits);
    }

    private static int PutLineEnd(Span<byte> span, int length)
    {
        "\r\n"u8.CopyTo(span[length..]);
        return length + 2;
    }
}
