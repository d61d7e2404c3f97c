using System.Globalization;
using System.Text;

namespace Redlock.Fast.Resp;

/// <summary>The password that a node is sent, to be found again in what it says.</summary>
/// <remarks>
/// It is found as it is and percent-encoded, in any case of letters; its beginning is found too, as whoever repeats it may have cut it.
/// </remarks>
internal sealed class NodeSecret(string password)
{
    // What is shorter stands in any text by chance: to hide it there would be to tell it.
    private const int ShortestHidden = 4;

    // So much of a longer password is no chance any more, wherever it stands.
    private const int ShortestBeginning = 8;

    // At the very end, where a text was cut, even a little of it counts.
    private const int ShortestBeginningAtTheEnd = 2;

    private readonly byte[] _password = Hidden(Encoding.UTF8.GetBytes(password));

    private enum Spelling : byte
    {
        AsItIs = 0,
        PercentEncoded,
    }

    /// <summary>Whether it is this one.</summary>
    public bool IsOf(string another) => password == another;

    /// <summary>How many bytes at the start of a text are the password, or enough of its beginning.</summary>
    public int Find(ReadOnlySpan<byte> text) => Math.Max(Find(text, Spelling.AsItIs), Find(text, Spelling.PercentEncoded));

    private static byte[] Hidden(byte[] password) => password.Length < ShortestHidden ? [] : password;

    private int Find(ReadOnlySpan<byte> text, Spelling spelling)
    {
        int length = 0;
        int found = 0;
        while (found < _password.Length && length < text.Length)
        {
            byte value = text[length];
            int width = 1;
            if (spelling == Spelling.PercentEncoded && value == (byte)'%')
            {
                if (text.Length - length < 3)
                {
                    // Cut within an escape, which half of it was to show.
                    length = text.Length;
                    found++;
                    break;
                }

                ReadOnlySpan<byte> digits = text.Slice(length + 1, 2);
                if (byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte escaped))
                {
                    value = escaped;
                    width = 3;
                }
            }

            if (Lower(value) != Lower(_password[found]))
            {
                break;
            }

            length += width;
            found++;
        }

        int enough = length == text.Length ? ShortestBeginningAtTheEnd : ShortestBeginning;
        return found >= Math.Min(enough, _password.Length) ? length : 0;
    }

    private static int Lower(byte letter) => letter is >= (byte)'A' and <= (byte)'Z' ? letter | 0x20 : letter;
}
