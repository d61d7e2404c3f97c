using System.Globalization;
using System.Text;

namespace Redlock.Fast.Resp;

/// <summary>
/// The one way in which a text of a user's or a stranger's gets into a text for people: on one line, in the order in which it is written,
/// and with nothing in it that a terminal obeys.
/// </summary>
/// <remarks>
/// Controls, line and paragraph separators, marks that turn the direction of writing or can't be seen, and lone surrogates are written as
/// escapes; all other Unicode stays as it is, the joiners included that some scripts need within words.
/// </remarks>
internal static class PrintableText
{
    // Enough to recognise a name in a log; a name may have 64 KiB.
    private const int LongestName = 200;

    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;

    /// <summary>The text, which is the same object if there is nothing to escape.</summary>
    public static string Of(string text) => IsPrintable(text) ? text : Escape(text);

    /// <summary>The beginning of a name, with <c>...</c> if that is not all.</summary>
    public static string OfName(string name)
    {
        if (name.Length <= LongestName)
        {
            return Of(name);
        }

        int end = char.IsHighSurrogate(name[LongestName - 1]) ? LongestName - 1 : LongestName;
        return Of(name[..end]) + "...";
    }

    public static bool IsPrintable(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyExceptInRange(' ', '~'))
        {
            return true;
        }

        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out Rune rune, out int length) != System.Buffers.OperationStatus.Done || !IsPrintable(rune))
            {
                return false;
            }

            text = text[length..];
        }

        return true;
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.Format => rune.Value is ZeroWidthNonJoiner or ZeroWidthJoiner,
        _ => true,
    };

    private static string Escape(ReadOnlySpan<char> text)
    {
        StringBuilder escaped = new();
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out Rune rune, out int length) != System.Buffers.OperationStatus.Done)
            {
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[0]:X4}");
                length = 1;
            }
            else if (IsPrintable(rune))
            {
                escaped.Append(text[..length]);
            }
            else
            {
                AppendEscape(escaped, rune.Value);
            }

            text = text[length..];
        }

        return escaped.ToString();
    }

    private static void AppendEscape(StringBuilder escaped, int value)
    {
        _ = value switch
        {
            '\r' => escaped.Append(@"\r"),
            '\n' => escaped.Append(@"\n"),
            '\t' => escaped.Append(@"\t"),
            <= 0xFFFF => escaped.Append(CultureInfo.InvariantCulture, $"\\u{value:X4}"),
            _ => escaped.Append(CultureInfo.InvariantCulture, $"\\U{value:X8}"),
        };
    }
}
