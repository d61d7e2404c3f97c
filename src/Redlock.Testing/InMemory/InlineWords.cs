namespace Redlock.Fast.Testing;

/// <summary>Cuts a line, as typed into a terminal, into words; quotes hold blanks together.</summary>
internal static class InlineWords
{
    /// <summary>Adds the words to a request.</summary>
    /// <returns>Whether every quote had its end, with a blank or the line's end behind it.</returns>
    public static bool TrySplit(ReadOnlySpan<byte> line, InMemoryRequest request)
    {
        List<byte> word = new List<byte>();
        for (int i = 0; ; word.Clear())
        {
            while (i < line.Length && IsBlank(line[i]))
            {
                i++;
            }

            if (i == line.Length)
            {
                return true;
            }

            while (i < line.Length && !IsBlank(line[i]))
            {
                if (line[i] is not ((byte)'"' or (byte)'\''))
                {
                    word.Add(line[i++]);
                }
                else if (!TryReadQuoted(line, ref i, word) || (i < line.Length && !IsBlank(line[i])))
                {
                    return false;
                }
            }

            request.Add([.. word]);
        }
    }

    private static bool TryReadQuoted(ReadOnlySpan<byte> line, ref int position, List<byte> word)
    {
        for (byte quote = line[position++]; position < line.Length; position++)
        {
            ReadOnlySpan<byte> rest = line[position..];
            if (rest[0] == quote)
            {
                position++;
                return true;
            }

            if (quote == (byte)'"' && TryReadByte(rest, out byte value))
            {
                word.Add(value);
                position += 3;
            }
            else if (rest[0] == (byte)'\\' && rest.Length > 1 && (quote == (byte)'"' || rest[1] == (byte)'\''))
            {
                word.Add(Unescape(rest[1]));
                position++;
            }
            else
            {
                word.Add(rest[0]);
            }
        }

        return false;
    }

    // \x and two hexadecimal digits
    private static bool TryReadByte(ReadOnlySpan<byte> rest, out byte value)
    {
        value = 0;
        return rest.Length >= 4 && rest.StartsWith("\\x"u8)
            && byte.TryParse(rest.Slice(2, 2), System.Globalization.NumberStyles.AllowHexSpecifier, provider: null, out value);
    }

    private static byte Unescape(byte escaped) => escaped switch
    {
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        (byte)'b' => (byte)'\b',
        (byte)'a' => (byte)'\a',
        _ => escaped,
    };

    private static bool IsBlank(byte character) =>
        character is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'\v' or (byte)'\f' or 0;
}
