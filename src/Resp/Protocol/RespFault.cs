namespace Redlock.Fast.Resp;

/// <summary>What to tell a person about bytes that are not RESP2.</summary>
internal static class RespFault
{
    internal static string Describe(RespVerdict verdict, ReadOnlySpan<byte> bytes, RespLimits limits) => verdict switch
    {
        RespVerdict.Resp3Type =>
            $"A RESP3 type came, and RESP3 is not spoken here (was HELLO 3 sent on this connection?): {Line(bytes)}",
        RespVerdict.LineTooLong =>
            $"A line is longer than {nameof(RespLimits.MaxLineBytes)} ({limits.MaxLineBytes} bytes): {Line(bytes)}",
        RespVerdict.BareLineFeed => $"A line ends in LF without CR: {Line(bytes)}",
        RespVerdict.BareCarriageReturn => $"A CR in a line is not followed by LF: {Line(bytes)}",
        RespVerdict.NotANumber => $"A number is malformed: {Line(bytes)}",
        RespVerdict.NumberOutOfRange => $"A number does not fit 64 bits: {Line(bytes)}",
        RespVerdict.NegativeLength => $"A length is negative, and not the -1 that stands for null: {Line(bytes)}",
        RespVerdict.BulkTooLong =>
            $"A bulk string is longer than {nameof(RespLimits.MaxBulkBytes)} ({limits.MaxBulkBytes} bytes): {Line(bytes)}",
        RespVerdict.BulkUnterminated => $"A bulk string is not followed by CRLF, so its length was wrong: {Line(bytes)}",
        RespVerdict.ArrayTooLong => $"An array has more items than can be counted: {Line(bytes)}",
        RespVerdict.ArrayTooDeep => $"Arrays are nested deeper than {nameof(RespLimits.MaxDepth)} ({limits.MaxDepth}): {Line(bytes)}",
        RespVerdict.FrameTooLarge =>
            $"A reply is larger than {nameof(RespLimits.MaxFrameBytes)} ({limits.MaxFrameBytes} bytes): {Line(bytes)}",
        RespVerdict.TooManyElements =>
            $"A reply has more than {nameof(RespLimits.MaxElements)} ({limits.MaxElements}) elements: {Line(bytes)}",
        _ => "What came is not RESP; does the address belong to a Redis node, and does the node expect TLS? "
            + $"It began {RespExcerpt.Of(bytes)}",
    };

    // A payload may be somebody's data, and an error's text may repeat a password: so neither is shown.
    private static string Line(ReadOnlySpan<byte> bytes)
    {
        int end = bytes[0] == (byte)RespType.Error ? bytes.IndexOfAny(" \r\n"u8) : bytes.IndexOf((byte)'\n') + 1;
        return RespExcerpt.Of(end > 0 ? bytes[..end] : bytes);
    }
}
