namespace Redlock.Fast.Resp;

/// <summary>As whom a node is entered, where an endpoint and options both may say so.</summary>
internal static class NodeLogin
{
    /// <summary>
    /// The login of the endpoint if it has one, else that of the options: never the user of one with the password of the other.
    /// </summary>
    public static RespNodeOptions Merge(RespNodeOptions options, RedisEndpoint endpoint)
    {
        RespNodeOptions merged = endpoint.Password is null ? options : options.WithLogin(endpoint.User, endpoint.Password);
        merged = endpoint.ClientName is { } name ? merged with { ClientName = name } : merged;
        return endpoint.Database is { } database ? merged with { Database = database } : merged;
    }

    /// <summary>What TLS trusts and shows, under the name that the endpoint says is in the certificate.</summary>
    public static TlsDialerOptions? TlsOf(TlsDialerOptions? options, RedisEndpoint endpoint) =>
        endpoint.TlsHost is { } host ? (options ?? new TlsDialerOptions()) with { TargetHost = host } : options;

    /// <exception cref="ArgumentException">
    /// There is a user without a password: it would be forgotten, and the default user entered. Or there are two logins.
    /// </exception>
    public static void Check(RespNodeOptions options)
    {
        if (options.Credentials is not null && (options.User is not null || options.Password is not null))
        {
            throw new ArgumentException(
                "Credentials is set, and so is a user or a password, here or in the endpoint: leave one of the two out, as a node is "
                + "entered with one login.",
                nameof(options));
        }

        if (options.User is not null && options.Password is null)
        {
            throw new ArgumentException(
                "User is set and Password is not: set both, or neither for the default user. For a user that needs no password (nopass) "
                + "set an empty one.",
                nameof(options));
        }
    }
}
