namespace Redlock.Fast.Resp;

/// <summary>What a server said of itself when a connection to it was made.</summary>
public sealed record RespServer
{
    /// <summary>
    /// The name that the server gave itself when it started, another after each restart; <c>null</c> if it may not be asked, or does not
    /// say.
    /// </summary>
    /// <remarks>Two nodes with one are two addresses of one server.</remarks>
    public string? RunId { get; init; }

    /// <summary>What the server is to others.</summary>
    public RespServerRole Role { get; init; }

    /// <summary>
    /// For how long it had been up when it was asked, at least: a second less than it said, as it may say one too many; <c>null</c> if it
    /// does not say.
    /// </summary>
    public TimeSpan? Uptime { get; init; }

    /// <summary>The latest moment at which it can have started, in ticks of the node's clock; zero if it does not say.</summary>
    internal long StartedByTicks { get; init; }
}
