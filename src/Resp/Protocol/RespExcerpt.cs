using System.Globalization;
using System.Text;

namespace Redlock.Fast.Resp;

/// <summary>Bytes made readable for a message: printable ASCII as it is, all else escaped, cut after a few words.</summary>
internal static class RespExcerpt
{
    // Enough to recognise an HTTP status line; short enough for a line of a log.
    private const int MostBytes = 48;

    internal static string Of(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        Append(text, bytes);
        return text.ToString();
    }

    internal static void Append(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        text.Append('"');
        foreach (byte value in bytes[..Math.Min(bytes.Length, MostBytes)])
        {
            switch (value)
            {
                case (byte)'\r': text.Append(@"\r"); break;
                case (byte)'\n': text.Append(@"\n"); break;
                case (byte)'\t': text.Append(@"\t"); break;
                case (byte)'"': text.Append("\\\""); break;
                case (byte)'\\': text.Append(@"\\"); break;
                case >= 0x20 and < 0x7f: text.Append((char)value); break;
                default: text.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}"); break;
            }
        }

        text.Append('"');
        if (bytes.Length > MostBytes)
        {
            text.Append(CultureInfo.InvariantCulture, $" and {bytes.Length - MostBytes} bytes more");
        }
    }
}
