namespace Redlock.Fast.Fuzz;

/// <summary>Makes new inputs of old ones.</summary>
internal static class Mutator
{
    private const int MostChanges = 4;
    private const int MostRepeats = 8;
    private const int LongestSlice = 64;

    private static readonly byte[][] _numbers = Array.ConvertAll(
        (string[])[
            "", "0", "-0", "00", "1", "-1", "+1", "2", "-2", "3", "7", "9", "10", "19", "20", "21", "23", "24", "25", "31",
            "32", "33", "63", "64", "65",
            "255", "4095", "4096", "4097", "65535", "65536", "65537", "1048575", "1048576", "1048577", "16777215", "16777216", "536870912",
            "2147483646", "2147483647", "2147483648", "-2147483648", "4294967295", "4294967296",
            "9223372036854775806", "9223372036854775807",
            "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
            "99999999999999999999", "00000000000000000001", " 1", "1 ", "1.5", "1e3", "0x10", "?",
        ],
        System.Text.Encoding.ASCII.GetBytes);

    private static readonly byte[][] _terminators =
        [[], "\r"u8.ToArray(), "\n"u8.ToArray(), "\r\r\n"u8.ToArray(), "\n\r"u8.ToArray(), "\r\n\r\n"u8.ToArray(), "\r\n"u8.ToArray()];

    private static readonly byte[][] _nests = ["*1\r\n"u8.ToArray(), "*2\r\n"u8.ToArray(), "*3\r\n"u8.ToArray(), "*0\r\n"u8.ToArray(),
        "*-1\r\n"u8.ToArray(), "*1\r\n*1\r\n"u8.ToArray()];

    private static ReadOnlySpan<byte> Alphabet => "+-:$*\r\n0123456789_#,(!=%~>|aA \t\0\x7f"u8;

    public static void Make(Specimen specimen, Corpus corpus, ref FuzzRandom random)
    {
        specimen.Set(corpus.Pick(ref random));
        for (int changes = 1 + random.Below(MostChanges); changes > 0; changes--)
        {
            Change(specimen, corpus, ref random);
        }
    }

    private static void Change(Specimen specimen, Corpus corpus, ref FuzzRandom random)
    {
        int length = specimen.Length;
        int index = random.Below(length);
        int kind = random.Below(13);
        if (length == 0)
        {
            kind = 9;
        }

        switch (kind)
        {
            case 0:
                specimen.Bytes[index] ^= (byte)(1 << random.Below(8));
                break;
            case 1:
                specimen.Bytes[index] = Alphabet[random.Below(Alphabet.Length)];
                break;
            case 2:
                int letter = random.Below(Alphabet.Length);
                specimen.Insert(index, Alphabet.Slice(letter, 1));
                break;
            case 3:
                specimen.Remove(index, 1);
                break;
            case 4:
                specimen.Truncate(index);
                break;
            case 5:
                specimen.Remove(index, 1 + random.Below(Math.Min(length - index, LongestSlice)));
                break;
            case 6:
                Repeat(specimen, index, ref random);
                break;
            case 7:
                ReplaceNumber(specimen, index, ref random);
                break;
            case 8:
                ReplaceTerminator(specimen, index, ref random);
                break;
            case 9:
                specimen.Insert(length, corpus.Pick(ref random));
                break;
            case 10:
                ReadOnlySpan<byte> other = corpus.Pick(ref random);
                int from = random.Below(other.Length);
                specimen.Insert(index, other.Slice(from, Math.Min(other.Length - from, random.Below(LongestSlice))));
                break;
            case 11:
                // In front of the whole or of any element.
                specimen.Insert(random.Below(2) == 0 ? 0 : AfterTerminator(specimen, index), _nests[random.Below(_nests.Length)]);
                break;
            default:
                specimen.Bytes[index] = (byte)random.Next();
                break;
        }
    }

    private static void Repeat(Specimen specimen, int index, ref FuzzRandom random)
    {
        Span<byte> slice = stackalloc byte[LongestSlice];
        slice = slice[..(1 + random.Below(Math.Min(specimen.Length - index, LongestSlice)))];
        specimen.Bytes.Slice(index, slice.Length).CopyTo(slice);
        for (int repeats = 1 + random.Below(MostRepeats); repeats > 0; repeats--)
        {
            specimen.Insert(index, slice);
        }
    }

    private static void ReplaceNumber(Specimen specimen, int index, ref FuzzRandom random)
    {
        Span<byte> bytes = specimen.Bytes;
        int first = bytes[index..].IndexOfAnyInRange((byte)'0', (byte)'9');
        if (first < 0)
        {
            return;
        }

        first += index;
        int digits = bytes[first..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = digits < 0 ? bytes.Length - first : digits;
        if (random.Below(2) == 0)
        {
            // One digit more or less in value: off by one is where lengths go wrong.
            bytes[first + digits - 1] += (byte)(random.Below(2) == 0 ? 1 : -1);
            return;
        }

        specimen.Remove(first, digits);
        specimen.Insert(first, _numbers[random.Below(_numbers.Length)]);
    }

    private static void ReplaceTerminator(Specimen specimen, int index, ref FuzzRandom random)
    {
        Span<byte> bytes = specimen.Bytes;
        int end = bytes[index..].IndexOf("\r\n"u8);
        if (end >= 0)
        {
            specimen.Remove(index + end, 2);
            specimen.Insert(index + end, _terminators[random.Below(_terminators.Length)]);
        }
    }

    private static int AfterTerminator(Specimen specimen, int index)
    {
        int end = specimen.Bytes[index..].IndexOf((byte)'\n');
        return end < 0 ? 0 : index + end + 1;
    }
}
