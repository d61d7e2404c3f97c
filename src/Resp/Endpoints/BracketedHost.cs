using System.Net;
using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>Reads what stands in the brackets of an address: an IPv6 address, with or without a zone.</summary>
internal static class BracketedHost
{
    private const string EncodedMark = "%25";

    /// <returns>What is wrong, or nothing.</returns>
    public static string Read(ReadOnlySpan<char> text, ZoneMark zoneMark, out string host)
    {
        host = "";
        int mark = text.IndexOf('%');
        ReadOnlySpan<char> digits = mark < 0 ? text : text[..mark];
        ReadOnlySpan<char> zone = mark < 0 ? default : text[(mark + 1)..];
        bool isEncoded = mark >= 0 && text[mark..].StartsWith(EncodedMark);
        if (isEncoded && zoneMark == ZoneMark.MayBeEncoded)
        {
            zone = text[(mark + EncodedMark.Length)..];
        }
        else if (isEncoded && text.Length > mark + EncodedMark.Length && !char.IsAsciiDigit(text[mark + EncodedMark.Length]))
        {
            // An interface 25 there may be; one whose name begins with it is a URI's way to write another.
            return "The zone behind the IPv6 address begins with %25, which belongs into a redis:// address: here write [fe80::1%eth0].";
        }

        if (digits.ContainsAny('[', '/') || !IPAddress.TryParse(digits, out IPAddress? address)
            || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return "The host in brackets is not an IPv6 address.";
        }

        if (mark >= 0 && zone.IsEmpty)
        {
            return "The zone behind the IPv6 address is empty: name an interface, as in [fe80::1%eth0] (in a redis:// address "
                + "[fe80::1%25eth0]), or leave out the '%'.";
        }

        foreach (char letter in zone)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '.' or '_' or '~'))
            {
                return "The zone behind the IPv6 address has a character that no interface has: letters, digits, '-', '.', '_' and '~' "
                    + "are allowed.";
            }
        }

        // It names an interface of this machine: its number may change while the name stays, so it is kept as written.
        host = mark < 0 ? address.ToString() : string.Concat(address.ToString(), "%", zone);
        return "";
    }
}
