using System.Diagnostics;
using System.Globalization;

namespace Redlock.Fast.Resp;

/// <summary>A node in the words of OpenTelemetry's conventions: <c>server.address</c>, and <c>server.port</c> where it has one.</summary>
internal sealed class ServerTags
{
    private const string UnixPrefix = "unix:";

    private readonly object _address;
    private readonly object? _port;

    /// <param name="node">The node's name: a host and a port, a path, or what a foreign dialer calls it.</param>
    public ServerTags(string node)
    {
        // The scheme of TLS is no part of the address.
        int scheme = node.IndexOf("://", StringComparison.Ordinal);
        string address = scheme < 0 ? node : node[(scheme + 3)..];
        int colon = address.LastIndexOf(':');
        if (node.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            _address = node[UnixPrefix.Length..];
        }
        else if (colon > 0 && ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            _address = address[..colon].Trim('[', ']');
            _port = (int)port;
        }
        else
        {
            _address = address;
        }
    }

    /// <summary>The two, for more to be added.</summary>
    public TagList ToList()
    {
        TagList tags = default;
        tags.Add("server.address", _address);
        if (_port is not null)
        {
            tags.Add("server.port", _port);
        }

        return tags;
    }
}
