using Microsoft.Extensions.Logging;

namespace Redlock.Fast.Extensions;

/// <summary>Everything that is logged.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Information, "{Quorum}: the node {Node} is connected.")]
    public static partial void NodeConnected(ILogger logger, string quorum, string node);

    [LoggerMessage(2, LogLevel.Warning, "{Quorum}: the node {Node} is lost: {Error}")]
    public static partial void NodeLost(ILogger logger, string quorum, string node, string error);

    [LoggerMessage(3, LogLevel.Warning, "{Quorum}: the node {Node} can't be connected: {Error}")]
    public static partial void NodeRefused(ILogger logger, string quorum, string node, string error);

    [LoggerMessage(4, LogLevel.Error, "{Quorum}: the lock '{Name}' was lost while it was held: {Reason}.")]
    public static partial void LockLost(ILogger logger, string quorum, string name, LossReason reason);

    [LoggerMessage(
        5, LogLevel.Warning, "{Quorum}: the lock '{Name}' may stay taken until its expiry: too few nodes confirmed its release. {Nodes}")]
    public static partial void ReleaseUnknown(ILogger logger, string quorum, string name, string nodes);

    [LoggerMessage(
        6,
        LogLevel.Warning,
        "{Quorum}: fewer than {Needed} nodes were connected within {Limit}; the start goes on, and locks are unavailable until then.")]
    public static partial void QuorumMissingAtStart(ILogger logger, string quorum, int needed, TimeSpan limit);

    [LoggerMessage(
        7, LogLevel.Warning, "{Quorum}: the node {Node} had forgotten a script (SCRIPT FLUSH, or a failover); it was sent again.")]
    public static partial void ScriptForgotten(ILogger logger, string quorum, string node);

    [LoggerMessage(8, LogLevel.Information, "{Quorum}: {Count} messages {Message} like the next were left out.")]
    public static partial void LeftOut(ILogger logger, string quorum, int count, string message);
}
