using System.Buffers.Text;
using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Fencing tokens as they travel: in replies, in frames, and in the text by which a lock is handed over.</summary>
internal static class FencingNumber
{
    /// <summary>The digits of a number in a frame, as many as the largest has.</summary>
    public const int FrameDigits = 16;

    /// <summary>What nodes count to, and not beyond: a double is exact up to 2^53.</summary>
    public const long Most = 9_007_199_254_740_991;

    // A clock that shows the year 2223 is wrong, and its proposals would use up what nodes can count.
    private const long MostProposed = 8_000_000_000_000_000;

    // As many as a long has: as text, the smaller number is the one that sorts first.
    private const int TextDigits = 19;

    private const char Separator = '.';
    private const long MicrosecondsOfEpoch = 62_135_596_800_000_000;

    /// <summary>What an attempt proposes as its number: the client's wall clock in microseconds since 1970.</summary>
    /// <remarks>Nothing rests on it but speed: it makes counters equal again that split attempts have set apart.</remarks>
    public static long Proposal(DateTimeOffset now)
    {
        long microseconds = (now.UtcTicks / TimeSpan.TicksPerMicrosecond) - MicrosecondsOfEpoch;
        return microseconds is > 0 and <= MostProposed ? microseconds : 1;
    }

    /// <summary>The number behind the word of a reply that grants; zero in any other.</summary>
    public static long Of(in RespReply reply)
    {
        // Most locks are not fenced, and their OK has none behind it.
        if (reply.Type is not (RespType.SimpleString or RespType.BulkString) || reply.Bytes.Length <= "OK".Length)
        {
            return 0;
        }

        ReadOnlySpan<byte> digits = reply.Bytes[(reply.Bytes.IndexOf((byte)' ') + 1)..];
        return Utf8Parser.TryParse(digits, out long number, out int used) && used == digits.Length && number is > 0 and <= Most
            ? number
            : 0;
    }

    public static string TextOf(long number) => number.ToString("D19", CultureInfo.InvariantCulture);

    public static string Join(string owner, long number) => number == 0 ? owner : $"{owner}{Separator}{TextOf(number)}";

    /// <summary>The owner's part of a token's text, and the number behind it; zero if there is none.</summary>
    public static ReadOnlySpan<char> Split(string? text, out long number)
    {
        number = 0;
        if (text is not { Length: LockToken.ValueBytes + 1 + TextDigits } || text[LockToken.ValueBytes] != Separator)
        {
            return text;
        }

        long.TryParse(text.AsSpan(LockToken.ValueBytes + 1), NumberStyles.None, CultureInfo.InvariantCulture, out number);
        number = number <= Most ? number : 0;
        return text.AsSpan(0, LockToken.ValueBytes);
    }
}
