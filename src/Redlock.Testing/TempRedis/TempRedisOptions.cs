namespace Redlock.Fast.Testing;

/// <summary>How a <see cref="TempRedis"/> is to be started.</summary>
public sealed record TempRedisOptions
{
    /// <summary>Lines of redis.conf, written after the defaults and so able to override them.</summary>
    /// <remarks>
    /// Where the server listens and that it stays a child of this process is the instance's own: <c>port</c>, <c>unixsocket</c>,
    /// <c>tls-port</c> and <c>daemonize</c> are refused.
    /// </remarks>
    /// <value>For example <c>appendonly yes</c>, <c>maxmemory 1mb</c>, <c>user worker on >secret ~* +@all</c>. Default none.</value>
    public IReadOnlyList<string> Configuration { get; init; } = [];

    /// <summary>The password of the default user (<c>requirepass</c>), or, with <see cref="User"/>, the password of that user.</summary>
    /// <value>Default null: no password.</value>
    public string? Password { get; init; }

    /// <summary>The ACL user as whom the instance itself asks whether the server is ready.</summary>
    /// <value>
    /// Default null: the default user. A line of <see cref="Configuration"/> must make this user, with <see cref="Password"/>.
    /// </value>
    public string? User { get; init; }

    /// <summary>
    /// Path of the server's certificate, PEM; with it the server also listens with TLS on <see cref="TempRedis.TlsPort"/>.
    /// </summary>
    public string? TlsCertificatePath { get; init; }

    /// <summary>Path of the key of <see cref="TlsCertificatePath"/>, PEM.</summary>
    public string? TlsKeyPath { get; init; }

    /// <summary>Path of the authority that client certificates must come from, PEM.</summary>
    /// <value>Default null: clients need no certificate.</value>
    public string? TlsAuthorityPath { get; init; }

    /// <summary>How long the server may take until it answers PING.</summary>
    /// <value>Default <see cref="TempRedis.DefaultReadyLimit"/>.</value>
    public TimeSpan ReadyLimit { get; init; } = TempRedis.DefaultReadyLimit;

    // What the instance itself relies on; with another value it would wait for a server that answers elsewhere.
    private static readonly string[] _ownSettings = ["port", "unixsocket", "tls-port", "daemonize"];

    /// <exception cref="ArgumentException">An option contradicts another, or what the instance itself relies on.</exception>
    internal void Validate(string parameter)
    {
        if (TlsCertificatePath is null != TlsKeyPath is null)
        {
            throw new ArgumentException("A TLS server needs both a certificate and its key: give both paths or neither.", parameter);
        }

        foreach (string line in Configuration)
        {
            // Redis takes letters of either case, and quotes around any word.
            string setting = line.Trim().Split(' ', '\t')[0].Trim('"', '\'').ToLowerInvariant();
            if (Array.IndexOf(_ownSettings, setting) >= 0)
            {
                throw new ArgumentException(
                    $"A TempRedis chooses '{setting}' itself: leave the line out of Configuration, and see Endpoint, UnixEndpoint and "
                        + "TlsPort for where it listens.",
                    parameter);
            }
        }
    }

    /// <summary>The text of the configuration file.</summary>
    internal string ToConfigurationText(string folder, string socketPath, int port, int tlsPort)
    {
        List<string> lines = new List<string>
        {
            "bind 127.0.0.1",
            "protected-mode yes",
            $"port {port}",
            $"unixsocket \"{socketPath}\"",
            "unixsocketperm 700",
            $"dir \"{folder}\"",
            "daemonize no",
            "save \"\"",
            "appendonly no",
            "databases 16",
        };

        if (Password is not null && User is null)
        {
            lines.Add($"requirepass \"{Escape(Password)}\"");
        }

        if (tlsPort > 0)
        {
            lines.Add($"tls-port {tlsPort}");
            lines.Add($"tls-cert-file \"{TlsCertificatePath}\"");
            lines.Add($"tls-key-file \"{TlsKeyPath}\"");

            // Redis insists on some authority even when it asks clients for no certificate.
            lines.Add($"tls-ca-cert-file \"{TlsAuthorityPath ?? TlsCertificatePath}\"");
            lines.Add(TlsAuthorityPath is null ? "tls-auth-clients no" : "tls-auth-clients yes");
        }

        lines.AddRange(Configuration);
        return string.Join('\n', lines) + "\n";
    }

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
