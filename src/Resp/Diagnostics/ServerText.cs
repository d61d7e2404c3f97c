using System.Globalization;
using System.Text;

namespace Redlock.Fast.Resp;

/// <summary>The one place where what a node sent becomes text for people: printable, one line, and without the password that the node was sent.</summary>
/// <remarks>
/// The password is found as it is and percent-encoded, in any case of letters; its beginning is found too, as whoever repeats
/// it may have cut it. Nothing here runs unless there is something to complain of.
/// </remarks>
internal sealed class ServerText
{
    // One line of a log.
    private const int MostBytes = 200;

    // What is shorter stands in any text by chance: to hide it there would be to tell it.
    private const int ShortestHidden = 4;

    // So much of a longer password is no chance any more, wherever it stands.
    private const int ShortestBeginning = 8;

    // At the very end, where a text was cut, even a little of it counts.
    private const int ShortestBeginningAtTheEnd = 2;

    private const string Mask = "***";

    private readonly byte[] _password;

    public ServerText(string? password)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(password ?? string.Empty);
        _password = utf8.Length < ShortestHidden ? [] : utf8;
    }

    private enum Spelling : byte
    {
        AsItIs = 0,
        PercentEncoded,
    }

    /// <summary>For a node that was told no secret.</summary>
    public static ServerText OfNoSecret { get; } = new(password: null);

    /// <summary>The beginning of what came, with <c>?</c> for all that is not printable ASCII.</summary>
    public string Excerpt(ReadOnlySpan<byte> received)
    {
        StringBuilder text = new();
        int hiddenUntil = 0;

        // Looked for in the whole, so that a password which the cut divides is found as well.
        for (int at = 0; at < Math.Min(received.Length, MostBytes); at++)
        {
            if (IsVisible(received, at, ref hiddenUntil, out bool isHiddenFromHere))
            {
                text.Append(received[at] is >= 0x20 and < 0x7F ? (char)received[at] : '?');
            }
            else if (isHiddenFromHere)
            {
                text.Append(Mask);
            }
        }

        return text.Append(received.Length > MostBytes ? "..." : string.Empty).ToString();
    }

    /// <summary>A message of somebody else's, such as an exception's, that may quote the node.</summary>
    public string Strip(string message)
    {
        if (_password.Length == 0)
        {
            return message;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(message);
        List<byte> kept = new(bytes.Length);
        int hiddenUntil = 0;
        for (int at = 0; at < bytes.Length; at++)
        {
            if (IsVisible(bytes, at, ref hiddenUntil, out bool isHiddenFromHere))
            {
                kept.Add(bytes[at]);
            }
            else if (isHiddenFromHere)
            {
                kept.AddRange(Encoding.UTF8.GetBytes(Mask));
            }
        }

        return Encoding.UTF8.GetString([.. kept]);
    }

    private bool IsVisible(ReadOnlySpan<byte> text, int at, ref int hiddenUntil, out bool isHiddenFromHere)
    {
        // Places that are hidden already are looked at too: a password may begin within what only looked like one.
        int end = at + Math.Max(Find(text[at..], Spelling.AsItIs), Find(text[at..], Spelling.PercentEncoded));
        isHiddenFromHere = end > at && at >= hiddenUntil;
        hiddenUntil = Math.Max(hiddenUntil, end);
        return at >= hiddenUntil;
    }

    /// <summary>How many bytes at the start of a text are the password, or enough of its beginning.</summary>
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

                if (byte.TryParse(text.Slice(length + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte escaped))
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
