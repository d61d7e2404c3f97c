using System.IO.Pipelines;

namespace Redlock.Fast.Resp;

/// <summary>Give it to a <see cref="RespNode"/>: dials a node over a Unix domain socket.</summary>
/// <example>
/// <code>
/// using RespNode overUnix = new(new UnixDialer("/run/redis.sock"));
/// </code>
/// </example>
public sealed class UnixDialer : Dialer
{
    private readonly UnixConnect _connect;

    /// <summary>Dials the socket file at <paramref name="path"/>.</summary>
    /// <param name="path">The file's path; the operating system's limit is about 107 bytes.</param>
    public UnixDialer(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Address = PrintableText.Of($"unix:{path}");
        _connect = new UnixConnect(path, Address);
    }

    /// <inheritdoc/>
    public override string Address { get; }

    /// <inheritdoc/>
    public override ValueTask<IDuplexPipe> DialAsync(CancellationToken cancellationToken) =>
        new(new SocketPipe(_connect.Open(cancellationToken)));
}
