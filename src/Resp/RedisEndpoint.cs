using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Redlock.Fast.Resp;

/// <summary>Where a Redis node is and as whom to enter, parsed from one line of configuration; immutable.</summary>
/// <remarks>
/// <para>
/// Shapes: <c>host</c>, <c>host:port</c>, <c>[::1]:6379</c>, <c>unix:/path</c>, <c>unix:///path</c>,
/// <c>redis://user:password@host:port/database</c>, <c>redis://:password@host</c>, and the same with <c>rediss://</c> for TLS.
/// User and password are percent-decoded as UTF-8; a path is taken as it is written. The zone of an IPv6 address is written
/// <c>[fe80::1%eth0]</c>, and in a URL <c>[fe80::1%25eth0]</c> too. White space around it, as a file has it, is left out.
/// </para>
/// <para>
/// A connection string of StackExchange.Redis that names one server is one too: <c>host:port,password=...,ssl=true</c>. Of its options
/// <c>password</c>, <c>user</c>, <c>ssl</c>, <c>sslHost</c>, <c>defaultDatabase</c> and <c>name</c> are followed, its others do nothing
/// here, and what is none of them is refused. With <c>ssl=true</c> the port is 6380 if none is named.
/// </para>
/// <para>Two endpoints are equal when every property is; names compare in lower case, IPv6 addresses in their shortest form.</para>
/// <para><see cref="ToString"/> never shows user or password.</para>
/// </remarks>
[DebuggerDisplay("{ToString(),nq}")]
public sealed record RedisEndpoint
{
    /// <summary>The port of an address that names none: 6379 (6380 behind <c>ssl=true</c>).</summary>
    public const int DefaultPort = 6379;

    internal RedisEndpoint(string host, int port, string? user, string? password, int? database, bool usesTls)
    {
        Kind = RedisTransport.Tcp;
        Host = host;
        Port = port;
        User = user;
        Password = password;
        Database = database;
        UsesTls = usesTls;
    }

    internal RedisEndpoint(string path)
    {
        Kind = RedisTransport.Unix;
        Path = path;
    }

    /// <summary>TCP or Unix socket.</summary>
    public RedisTransport Kind { get; }

    /// <summary>The name or IP address, without brackets, in lower case; empty for a Unix socket.</summary>
    public string Host { get; } = "";

    /// <summary>The TCP port, 1 to 65535; 0 for a Unix socket.</summary>
    public int Port { get; }

    /// <summary>The absolute path of the Unix socket; empty for TCP.</summary>
    public string Path { get; } = "";

    /// <summary>The ACL user, decoded; null for the default user.</summary>
    public string? User { get; }

    /// <summary>The password, decoded; null where the address has no user info. Keep it out of logs.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? Password { get; }

    /// <summary>The database to SELECT; null where the address names none, so that <c>/0</c> can be told from that.</summary>
    public int? Database { get; }

    /// <summary>True for <c>rediss://</c> and <c>ssl=true</c>.</summary>
    public bool UsesTls { get; }

    /// <summary>What CLIENT LIST calls the connection, of <c>name=</c>; null where the address says nothing of it.</summary>
    public string? ClientName { get; internal init; }

    /// <summary>The name to find in the certificate, of <c>sslHost=</c>; null for the host itself.</summary>
    public string? TlsHost { get; internal init; }

    /// <summary>Call it with a line that has to be right: reads an address.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="FormatException">
    /// The address is refused; the text names the wrong part, and repeats nothing of the address.
    /// </exception>
    /// <example>
    /// <code>
    /// RedisEndpoint plain = RedisEndpoint.Parse("redis-1:6379");
    /// RedisEndpoint withLogin = RedisEndpoint.Parse("rediss://locks:secret@redis-2:6380/1");
    /// RedisEndpoint ofAnotherClient = RedisEndpoint.Parse("redis-3:6380,password=secret,ssl=true");
    /// </code>
    /// </example>
    public static RedisEndpoint Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out RedisEndpoint? endpoint, out string? problem) ? endpoint : throw new FormatException(problem);
    }

    /// <summary>Call it with a line that may be wrong: reads an address, or says which part of it is wrong.</summary>
    /// <param name="text">The address.</param>
    /// <param name="endpoint">The endpoint, or null.</param>
    /// <param name="problem">
    /// The wrong part and what is allowed there, or null. It repeats nothing of the address: any part of a mistyped one may be
    /// the password.
    /// </param>
    /// <example>
    /// <code>
    /// if (!RedisEndpoint.TryParse(line, out RedisEndpoint? endpoint, out string? problem))
    /// {
    ///     Console.Error.WriteLine(problem);   // names the part that is wrong, and repeats nothing of the line
    /// }
    /// </code>
    /// </example>
    public static bool TryParse(
        [NotNullWhen(true)] string? text,
        [NotNullWhen(true)] out RedisEndpoint? endpoint,
        [NotNullWhen(false)] out string? problem)
    {
        endpoint = RedisEndpointParser.Parse(text, out string refusal);
        problem = endpoint is null ? refusal : null;
        return endpoint is not null;
    }

    /// <summary>
    /// The address without credentials: <c>host:port</c>, <c>[::1]:6379</c>, <c>unix:/path</c>, or <c>rediss://host:port/2</c>
    /// when TLS or a database is named.
    /// </summary>
    public override string ToString()
    {
        StringBuilder address = new();
        PrintMembers(address);
        return address.ToString();
    }

    private bool PrintMembers(StringBuilder builder)
    {
        if (Kind == RedisTransport.Unix)
        {
            builder.Append("unix:").Append(Path);
            return true;
        }

        bool isUri = UsesTls || Database is not null;
        if (isUri)
        {
            builder.Append(UsesTls ? "rediss://" : "redis://");
        }

        if (Host.Contains(':'))
        {
            builder.Append('[').Append(isUri ? Host.Replace("%", "%25", StringComparison.Ordinal) : Host).Append(']');
        }
        else
        {
            builder.Append(Host);
        }

        builder.Append(CultureInfo.InvariantCulture, $":{Port}");
        if (Database is not null)
        {
            builder.Append(CultureInfo.InvariantCulture, $"/{Database}");
        }

        return true;
    }
}
