using System.Runtime.CompilerServices;

namespace Redlock.Fast.Resp;

/// <summary>The grammar of one element: a flat value, or the header of an array.</summary>
/// <remarks>
/// It looks only at the bytes given and remembers nothing. A flaw found in some bytes is a flaw however they go on,
/// and an element found whole stays whole: so the verdict on a stream can't depend on how it was cut.
/// </remarks>
internal static class RespElement
{
    /// <summary>The smallest element is an empty simple string, <c>+\r\n</c>.</summary>
    internal const int SmallestBytes = 3;

    /// <summary>As long as <c>-9223372036854775808</c>.</summary>
    internal const int LongestNumber = 20;

    // A ulong holds any number of 19 digits; a number of 20 digits can't be an Int64.
    private const int MostDigits = 19;

    /// <summary>Reads the element at the start of the bytes.</summary>
    /// <param name="buffer">What has arrived, from the element's type byte on.</param>
    /// <param name="maxLine">The longest line, in bytes.</param>
    /// <param name="maxBulk">The longest bulk string, in bytes.</param>
    /// <param name="element">The element if whole, an array without its items.</param>
    /// <param name="size">The element's bytes if whole (an array's header only); the least they can be if more is needed.</param>
    internal static RespVerdict Read(ReadOnlySpan<byte> buffer, int maxLine, int maxBulk, out RespReply element, out int size)
    {
        if (buffer.IsEmpty)
        {
            element = default;
            size = SmallestBytes;
            return RespVerdict.NeedMore;
        }

        switch ((RespType)buffer[0])
        {
            case RespType.SimpleString:
            case RespType.Error:
                return ReadLine(buffer, maxLine, out element, out size);
            case RespType.Integer:
                RespVerdict verdict = ReadNumber(buffer, out long number, out size);
                element = verdict == RespVerdict.Whole ? new RespReply(RespType.Integer, number, default) : default;
                return verdict;
            case RespType.BulkString:
                return ReadBulkString(buffer, maxBulk, out element, out size);
            case RespType.Array:
                return ReadArrayHeader(buffer, out element, out size);
            default:
                element = default;
                size = 0;
                return RefuseType(buffer[0]);
        }
    }

    private static RespVerdict RefuseType(byte type) =>
        "_#,(!=%~>|"u8.Contains(type) ? RespVerdict.Resp3Type : RespVerdict.UnknownType;

    // ("+" | "-") *(any byte but CR and LF) CR LF
    // Inlined, as is ReadNumber: a call would cost more than the few bytes of most replies.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static RespVerdict ReadLine(ReadOnlySpan<byte> buffer, int maxLine, out RespReply element, out int size)
    {
        element = default;
        ReadOnlySpan<byte> line = buffer[1..];
        ReadOnlySpan<byte> searched = line.Length > maxLine ? line[..(maxLine + 1)] : line;
        int end = searched.IndexOfAny((byte)'\r', (byte)'\n');
        size = Math.Max(buffer.Length + 1, SmallestBytes);
        if (end < 0)
        {
            return line.Length > maxLine ? RespVerdict.LineTooLong : RespVerdict.NeedMore;
        }

        if (line[end] == '\n')
        {
            return RespVerdict.BareLineFeed;
        }

        if (end + 1 == line.Length)
        {
            return RespVerdict.NeedMore;
        }

        if (line[end + 1] != '\n')
        {
            return RespVerdict.BareCarriageReturn;
        }

        element = new RespReply((RespType)buffer[0], 0, line[..end]);
        size = end + 3;
        return RespVerdict.Whole;
    }

    // "$" length CR LF, then that many bytes, CR LF | "$-1" CR LF
    private static RespVerdict ReadBulkString(ReadOnlySpan<byte> buffer, int maxBulk, out RespReply element, out int size)
    {
        element = default;
        RespVerdict verdict = ReadNumber(buffer, out long length, out size);
        if (length < -1)
        {
            return RespVerdict.NegativeLength;
        }

        if (length > maxBulk)
        {
            return RespVerdict.BulkTooLong;
        }

        if (verdict != RespVerdict.Whole)
        {
            return verdict;
        }

        if (length < 0)
        {
            element = new RespReply(RespType.BulkString, -1, default);
            return RespVerdict.Whole;
        }

        int payload = size;
        int end = payload + (int)length;
        size = end + 2;
        if (buffer.Length > end && buffer[end] != '\r')
        {
            return RespVerdict.BulkUnterminated;
        }

        if (buffer.Length <= end + 1)
        {
            return RespVerdict.NeedMore;
        }

        if (buffer[end + 1] != '\n')
        {
            return RespVerdict.BulkUnterminated;
        }

        element = new RespReply(RespType.BulkString, length, buffer[payload..end]);
        return RespVerdict.Whole;
    }

    // "*" count CR LF, then that many elements | "*-1" CR LF
    private static RespVerdict ReadArrayHeader(ReadOnlySpan<byte> buffer, out RespReply element, out int size)
    {
        element = default;
        RespVerdict verdict = ReadNumber(buffer, out long count, out size);
        if (count < -1)
        {
            return RespVerdict.NegativeLength;
        }

        if (count > int.MaxValue)
        {
            return RespVerdict.ArrayTooLong;
        }

        if (verdict == RespVerdict.Whole)
        {
            element = new RespReply(RespType.Array, count, default);
        }

        return verdict;
    }

    // type byte, then "0" | ["-"] ("1".."9") *("0".."9"), then CR LF; the number so far is given while more is needed.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static RespVerdict ReadNumber(ReadOnlySpan<byte> buffer, out long number, out int size)
    {
        number = 0;
        size = Math.Max(buffer.Length + 1, SmallestBytes);
        bool negative = buffer.Length > 1 && buffer[1] == '-';
        int first = negative ? 2 : 1;
        int index = first;
        ulong magnitude = 0;
        for (; index < buffer.Length; index++)
        {
            uint digit = (uint)buffer[index] - '0';
            if (digit > 9)
            {
                break;
            }

            if (index - first == MostDigits)
            {
                return RespVerdict.NumberOutOfRange;
            }

            magnitude = (magnitude * 10) + digit;
        }

        int digits = index - first;
        if (digits > 0 && buffer[first] == '0' && (negative || digits > 1))
        {
            return RespVerdict.NotANumber;
        }

        if (magnitude > (ulong)long.MaxValue + (negative ? 1UL : 0UL))
        {
            return RespVerdict.NumberOutOfRange;
        }

        number = negative ? (long)(0 - magnitude) : (long)magnitude;
        if (index >= buffer.Length)
        {
            return RespVerdict.NeedMore;
        }

        if (buffer[index] != '\r' || digits == 0)
        {
            return RespVerdict.NotANumber;
        }

        if (index + 1 == buffer.Length)
        {
            return RespVerdict.NeedMore;
        }

        if (buffer[index + 1] != '\n')
        {
            return RespVerdict.BareCarriageReturn;
        }

        size = index + 2;
        return RespVerdict.Whole;
    }
}
