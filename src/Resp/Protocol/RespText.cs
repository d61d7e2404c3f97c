using System.Text;

namespace Redlock.Fast.Resp;

/// <summary>The one way text becomes bytes: strict UTF-8, so that two different names never become one key.</summary>
internal static class RespText
{
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    internal static int Measure(ReadOnlySpan<char> text) => _utf8.GetByteCount(text);

    internal static int Encode(ReadOnlySpan<char> text, Span<byte> output) => _utf8.GetBytes(text, output);

    internal static byte[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _utf8.GetBytes(text);
    }

    internal static byte[] EncodeLine(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        RefuseLineBreaks(text);
        return _utf8.GetBytes(text);
    }

    internal static void RefuseLineBreaks(ReadOnlySpan<char> text)
    {
        int index = text.IndexOfAny('\r', '\n');
        if (index >= 0)
        {
            throw new ArgumentException(
                $"A simple string or error is one line, but character {index} of this one is CR or LF.", nameof(text));
        }
    }
}
