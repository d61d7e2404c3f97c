using System.Globalization;
using System.Text;

namespace Redlock.Fast.Fuzz;

/// <summary>An input on which the reader failed.</summary>
/// <param name="Input">Its bytes, made as few as possible.</param>
/// <param name="CheckSeed">The seed of the check: limits, cuts and growth.</param>
/// <param name="Problem">What the reader did.</param>
internal sealed record FuzzFailure(byte[] Input, ulong CheckSeed, string Problem)
{
    /// <summary>As a C# string of one character a byte, as the catalogue has them.</summary>
    public static string Literal(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new("\"");
        foreach (byte value in bytes)
        {
            text.Append(value switch
            {
                (byte)'\r' => "\\r",
                (byte)'\n' => "\\n",
                (byte)'"' => "\\\"",
                (byte)'\\' => "\\\\",
                >= 0x20 and < 0x7f => ((char)value).ToString(),
                _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)value:x4}"),
            });
        }

        return text.Append('"').ToString();
    }

    public override string ToString() => $"{Literal(Input)} ({Input.Length} bytes, check seed {CheckSeed}): {Problem}";
}
