using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Redlock.Fast.Resp;

// Uri.UnescapeDataString passes broken escapes through unchanged: a mistyped password would be sent, and refused far from here.
internal static class PercentEncoding
{
    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decodes <c>%XX</c>; false for a broken escape or bytes that are not UTF-8.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out string? decoded)
    {
        decoded = null;
        byte[] bytes = new byte[_strictUtf8.GetMaxByteCount(text.Length)];
        int written = 0;
        try
        {
            while (!text.IsEmpty)
            {
                if (text[0] == '%')
                {
                    if (text.Length < 3)
                    {
                        return false;
                    }

                    ReadOnlySpan<char> digits = text[1..3];
                    if (!byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[written++]))
                    {
                        return false;
                    }

                    text = text[3..];
                    continue;
                }

                int next = text.IndexOf('%');
                ReadOnlySpan<char> plain = next < 0 ? text : text[..next];
                written += _strictUtf8.GetBytes(plain, bytes.AsSpan(written));
                text = text[plain.Length..];
            }

            decoded = _strictUtf8.GetString(bytes, 0, written);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
