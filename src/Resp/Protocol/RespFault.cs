namespace Redlock.Fast.Resp;

/// <summary>
/// Why bytes are not RESP2, and how they begin: apart, as what they say may be a secret. <see cref="ServerText"/> puts both into words.
/// </summary>
internal sealed class RespFault
{
    private readonly RespLimits _limits;

    /// <summary>Copies what is to be shown at the most.</summary>
    /// <param name="verdict">The flaw.</param>
    /// <param name="bytes">What it was found in, from the start of the element; not empty.</param>
    /// <param name="limits">What was to be refused.</param>
    public RespFault(RespVerdict verdict, ReadOnlySpan<byte> bytes, RespLimits limits)
    {
        _limits = limits;
        Verdict = verdict;
        ReadOnlySpan<byte> shown = verdict == RespVerdict.UnknownType ? bytes : FirstLine(bytes);
        Start = shown[..Math.Min(shown.Length, ServerText.MostQuoted)].ToArray();
        Omitted = shown.Length - Start.Length;
    }

    public RespVerdict Verdict { get; }

    /// <summary>The first of the bytes.</summary>
    public byte[] Start { get; }

    /// <summary>How many more there are.</summary>
    public int Omitted { get; }

    /// <summary>The flaw in words; what came is to follow.</summary>
    public string Sentence => Verdict switch
    {
        RespVerdict.Resp3Type => "A RESP3 type came, and RESP3 is not spoken here (was HELLO 3 sent on this connection?):",
        RespVerdict.LineTooLong => $"A line is longer than {nameof(RespLimits.MaxLineBytes)} ({_limits.MaxLineBytes} bytes):",
        RespVerdict.BareLineFeed => "A line ends in LF without CR:",
        RespVerdict.BareCarriageReturn => "A CR in a line is not followed by LF:",
        RespVerdict.NotANumber => "A number is malformed:",
        RespVerdict.NumberOutOfRange => "A number does not fit 64 bits:",
        RespVerdict.NegativeLength => "A length is negative, and not the -1 that stands for null:",
        RespVerdict.BulkTooLong => $"A bulk string is longer than {nameof(RespLimits.MaxBulkBytes)} ({_limits.MaxBulkBytes} bytes):",
        RespVerdict.BulkUnterminated => "A bulk string is not followed by CRLF, so its length was wrong:",
        RespVerdict.ArrayTooLong => "An array has more items than can be counted:",
        RespVerdict.ArrayTooDeep => $"Arrays are nested deeper than {nameof(RespLimits.MaxDepth)} ({_limits.MaxDepth}):",
        RespVerdict.FrameTooLarge => $"A reply is larger than {nameof(RespLimits.MaxFrameBytes)} ({_limits.MaxFrameBytes} bytes):",
        RespVerdict.TooManyElements => $"A reply has more than {nameof(RespLimits.MaxElements)} ({_limits.MaxElements}) elements:",
        _ => "What came is not RESP; does the address belong to a Redis node, and does the node expect TLS? It began",
    };

    /// <summary>The whole for a reader that was told no secret.</summary>
    public string Text => field ??= ServerText.OfNoSecret.Describe(this);

    // A payload may be somebody's data, and an error's text may repeat a password: so neither is shown.
    private static ReadOnlySpan<byte> FirstLine(ReadOnlySpan<byte> bytes)
    {
        int end = bytes[0] == (byte)RespType.Error ? bytes.IndexOfAny(" \r\n"u8) : bytes.IndexOf((byte)'\n') + 1;
        return end > 0 ? bytes[..end] : bytes;
    }
}
