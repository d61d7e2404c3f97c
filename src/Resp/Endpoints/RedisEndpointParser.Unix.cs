using System.Text;

namespace Redlock.Fast.Resp;

// The form that names a socket file.
internal static partial class RedisEndpointParser
{
    private static RedisEndpoint? ParseUnix(ReadOnlySpan<char> rest, out string problem)
    {
        if (rest.StartsWith("//"))
        {
            rest = rest[2..];
            if (!rest.IsEmpty && rest[0] != '/')
            {
                return Refuse(
                    "The path of the Unix socket must come first and begin with '/': no host or user info is allowed.", out problem);
            }
        }

        if (rest.IsEmpty)
        {
            return Refuse("The path of the Unix socket is empty: write unix:/path.", out problem);
        }

        if (rest.ContainsAny('?', '#'))
        {
            return Refuse("The path of the Unix socket has a query string or fragment ('?' or '#'): not supported.", out problem);
        }

        if (!PrintableText.IsPrintable(rest))
        {
            return Refuse("The path of the Unix socket has a control character or a mark that can't be seen.", out problem);
        }

        string path = rest.ToString();
        if (!Path.IsPathFullyQualified(path))
        {
            return Refuse("The path of the Unix socket must be absolute: a relative one changes with the working directory.", out problem);
        }

        if (Encoding.UTF8.GetByteCount(path) > LongestUnixPath)
        {
            return Refuse($"The path of the Unix socket is too long: 1 to {LongestUnixPath} bytes of UTF-8 are allowed.", out problem);
        }

        problem = "";
        return new RedisEndpoint(path);
    }
}
