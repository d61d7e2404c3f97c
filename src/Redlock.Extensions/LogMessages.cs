using Microsoft.Extensions.Logging;

namespace Redlock.Fast.Extensions;

/// <summary>Everything that is logged.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Information, "Redis node {Node} is connected.")]
    public static partial void NodeConnected(ILogger logger, string node);

    [LoggerMessage(2, LogLevel.Warning, "Redis node {Node} is lost: {Error} ({Suppressed} messages like this were left out before.)")]
    public static partial void NodeLost(ILogger logger, string node, string error, int suppressed);

    [LoggerMessage(3, LogLevel.Warning, "Redis node {Node} can't be connected: {Error} ({Suppressed} messages like this were left out before.)")]
    public static partial void NodeRefused(ILogger logger, string node, string error, int suppressed);

    [LoggerMessage(4, LogLevel.Error, "The lock '{Name}' was lost while it was held: {Reason}. ({Suppressed} messages like this were left out before.)")]
    public static partial void LockLost(ILogger logger, string name, LossReason reason, int suppressed);

    [LoggerMessage(
        5,
        LogLevel.Warning,
        "The lock '{Name}' may stay taken until its expiry: too few nodes confirmed its release. {Nodes} ({Suppressed} messages like this were left out before.)")]
    public static partial void ReleaseUnknown(ILogger logger, string name, string nodes, int suppressed);

    [LoggerMessage(6, LogLevel.Warning, "No quorum of the Redis nodes was connected within {Limit}; the start goes on, and locks are unavailable until then.")]
    public static partial void QuorumMissingAtStart(ILogger logger, TimeSpan limit);
}
