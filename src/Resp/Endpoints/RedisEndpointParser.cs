using System.Globalization;
using System.Net;
using System.Text;

namespace Redlock.Fast.Resp;

// address   = host [":" port] / "unix:" ["//"] path / scheme "://" [[user] ":" password "@"] host [":" port] ["/" [database]]
//           / host [":" port] *("," key "=" value), see ConnectionString
// scheme    = "redis" / "rediss"
// host      = name / IPv4 / "[" IPv6 "]"
// IPv6      = address ["%" zone]; in a URI the "%" may be "%25" (RFC 6874), elsewhere it is written as it is
//
// No refusal repeats a part of the input: in "redis://:secret", where the host was forgotten, the "port" is the password.
internal static partial class RedisEndpointParser
{
    /// <summary>sun_path of Linux holds 108 bytes, the last of them zero.</summary>
    public const int LongestUnixPath = 107;

    /// <summary>The longest name DNS can carry, written out (RFC 1035).</summary>
    public const int LongestHost = 253;

    private const string UnixPrefix = "unix:";
    private const string SchemeMark = "://";

    public static RedisEndpoint? Parse(ReadOnlySpan<char> text, out string problem)
    {
        problem = "";

        // A secret that is mounted as a file ends in a line break more often than not; no address begins or ends with white space.
        text = text.Trim();
        if (text.IsEmpty)
        {
            return Refuse("The address is empty: give host:port, unix:/path or redis://user:password@host:port/database.", out problem);
        }

        if (text.StartsWith(UnixPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return ParseUnix(text[UnixPrefix.Length..], out problem);
        }

        int mark = text.IndexOf(SchemeMark);
        if (mark < 0)
        {
            return ParsePlain(text, out problem);
        }

        ReadOnlySpan<char> rest = text[(mark + SchemeMark.Length)..];
        if (text[..mark].Equals("redis", StringComparison.OrdinalIgnoreCase))
        {
            return ParseUri(rest, usesTls: false, out problem);
        }

        if (text[..mark].Equals("rediss", StringComparison.OrdinalIgnoreCase))
        {
            return ParseUri(rest, usesTls: true, out problem);
        }

        return Refuse("The scheme is not known: redis://, rediss:// (TLS) and unix: are.", out problem);
    }

    private static RedisEndpoint? ParsePlain(ReadOnlySpan<char> text, out string problem)
    {
        if (text.Contains(','))
        {
            return ParseConnectionString(text, out problem);
        }

        if (text.Contains('@'))
        {
            return Refuse("The user info needs a scheme: write redis://user:password@host:port.", out problem);
        }

        if (text.ContainsAny('?', '#'))
        {
            return Refuse("The address has a query string or fragment ('?' or '#'): not supported.", out problem);
        }

        if (text.Contains('/'))
        {
            return Refuse("The database needs a scheme: write redis://host:port/database.", out problem);
        }

        return ParseHostAndPort(text, ZoneMark.AsItIs, RedisEndpoint.DefaultPort, out string host, out int port, out problem)
            ? new RedisEndpoint(host, port, user: null, password: null, database: null, usesTls: false)
            : null;
    }

    private static RedisEndpoint? ParseConnectionString(ReadOnlySpan<char> text, out string problem)
    {
        ConnectionString read = new();
        problem = read.Read(text);
        return problem.Length == 0
            && ParseHostAndPort(read.Server, ZoneMark.AsItIs, read.DefaultPort, out string host, out int port, out problem)
                ? new RedisEndpoint(host, port, read.User, read.Password, read.Database, read.UsesTls)
                {
                    ClientName = read.ClientName,
                    TlsHost = read.TlsHost,
                }
                : null;
    }

    private static RedisEndpoint? ParseUri(ReadOnlySpan<char> rest, bool usesTls, out string problem)
    {
        int end = rest.IndexOfAny('/', '?', '#');
        ReadOnlySpan<char> authority = end < 0 ? rest : rest[..end];
        ReadOnlySpan<char> tail = end < 0 ? default : rest[end..];

        int at = authority.IndexOf('@');
        if (tail.Contains('@') || (at >= 0 && authority[(at + 1)..].Contains('@')))
        {
            return Refuse("The user info must be percent-encoded: '@' as %40, '/' as %2F, '?' as %3F, '#' as %23.", out problem);
        }

        if (tail.ContainsAny('?', '#'))
        {
            return Refuse("The address has a query string or fragment ('?' or '#'): not supported.", out problem);
        }

        string? user = null;
        string? password = null;
        if (at >= 0)
        {
            if (!ParseUserInfo(authority[..at], out user, out password, out problem))
            {
                return null;
            }

            authority = authority[(at + 1)..];
        }

        if (!ParseHostAndPort(authority, ZoneMark.MayBeEncoded, RedisEndpoint.DefaultPort, out string host, out int port, out problem))
        {
            return null;
        }

        int database = 0;
        bool namesDatabase = tail.Length > 1;
        if (namesDatabase && !TryParseDigits(tail[1..], out database))
        {
            return Refuse($"The database must be a number from 0 to {int.MaxValue}.", out problem);
        }

        return new RedisEndpoint(host, port, user, password, namesDatabase ? database : null, usesTls);
    }

    private static bool ParseUserInfo(ReadOnlySpan<char> info, out string? user, out string? password, out string problem)
    {
        user = null;
        password = null;
        problem = "";
        int colon = info.IndexOf(':');

        // Clients disagree whether a lone word is the user or the password; guessing could print or send the wrong one.
        if (colon < 0)
        {
            problem = "The user info has no ':': write user:password@host, or :password@host for the default user.";
        }
        else if (info.Length == 1)
        {
            problem = "The user info is empty: give a password, or leave out ':@'.";
        }
        else if (!PercentEncoding.TryDecode(info[..colon], out user) || !PercentEncoding.TryDecode(info[(colon + 1)..], out password))
        {
            problem = "The user info has a broken percent-encoding: %00 to %FF are allowed, as UTF-8 ('%' itself is %25).";
        }

        if (problem.Length != 0)
        {
            return false;
        }

        if (user is { Length: 0 })
        {
            user = null;
        }

        return true;
    }

    private static bool ParseHostAndPort(
        ReadOnlySpan<char> text, ZoneMark zoneMark, int defaultPort, out string host, out int port, out string problem)
    {
        host = "";
        port = defaultPort;
        problem = "";
        ReadOnlySpan<char> portText = default;
        bool hasPort = false;
        if (text.StartsWith('['))
        {
            int close = text.IndexOf(']');
            if (close < 0)
            {
                problem = "The host has unbalanced brackets: write [::1] or [::1]:6379.";
            }
            else if (close + 1 < text.Length && text[close + 1] != ':')
            {
                problem = "The host may be followed only by ':' and a port: write [::1]:6379.";
            }
            else
            {
                problem = BracketedHost.Read(text[1..close], zoneMark, out host);
            }

            if (problem.Length != 0)
            {
                return false;
            }

            hasPort = close + 1 < text.Length;
            portText = hasPort ? text[(close + 2)..] : default;
        }
        else
        {
            int colon = text.IndexOf(':');
            ReadOnlySpan<char> name = colon < 0 ? text : text[..colon];
            hasPort = colon >= 0;
            portText = hasPort ? text[(colon + 1)..] : default;
            problem = ProblemOfName(name, portText);
            if (problem.Length != 0)
            {
                return false;
            }

            host = name.ToString().ToLowerInvariant();
        }

        if (hasPort && (!TryParseDigits(portText, out port) || port is < 1 or > IPEndPoint.MaxPort))
        {
            problem = $"The port must be a number from 1 to {IPEndPoint.MaxPort}.";
        }

        return problem.Length == 0;
    }

    private static string ProblemOfName(ReadOnlySpan<char> name, ReadOnlySpan<char> portText)
    {
        if (name.ContainsAny('[', ']') || portText.ContainsAny('[', ']'))
        {
            return "The host has unbalanced brackets: write [::1] or [::1]:6379.";
        }

        if (portText.Contains(':'))
        {
            return "The host has more than one ':': an IPv6 address stands in brackets, as in [::1]:6379.";
        }

        if (name.IsEmpty)
        {
            return "The host is empty.";
        }

        if (name.Length > LongestHost)
        {
            return $"The host is too long: 1 to {LongestHost} characters are allowed.";
        }

        foreach (char letter in name)
        {
            if (char.IsWhiteSpace(letter) || char.IsControl(letter))
            {
                return "The host has white space or a control character.";
            }

            if (char.IsAscii(letter) && !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '.' or '_'))
            {
                return "The host has a character that no host name has: letters, digits, '-', '.' and '_' are allowed.";
            }
        }

        if (!PrintableText.IsPrintable(name))
        {
            return "The host has a mark that can't be seen, such as a byte order mark: type it anew.";
        }

        return HostNumber.ProblemOf(name);
    }

    // NumberStyles.None: digits only, no sign, no white space; overflow is a refusal.
    private static bool TryParseDigits(ReadOnlySpan<char> text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static RedisEndpoint? Refuse(string reason, out string problem)
    {
        problem = reason;
        return null;
    }
}
