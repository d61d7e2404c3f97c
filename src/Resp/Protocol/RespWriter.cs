using System.Buffers;
using System.Buffers.Text;

namespace Redlock.Fast.Resp;

/// <summary>Writes commands in RESP2, whole or an element at a time; what a method refuses, it has written no byte of.</summary>
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
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        output.Advance(PutNumber(output.GetSpan(MostHeaderBytes), RespType.Array, count));
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
