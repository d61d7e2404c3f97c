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

    [LoggerMessage(8, LogLevel.Information, "{Quorum}: {Count} messages {Message} like the next were left out.")]
    public static partial void LeftOut(ILogger logger, string quorum, int count, string message);

    [LoggerMessage(
        9,
        LogLevel.Warning,
        "{Quorum}: the lock '{Name}' was released {Late} after its deadline: the work outlasted it, and another holder may have had it "
            + "meanwhile. Renew it, or raise its expiry.")]
    public static partial void LockOutlasted(ILogger logger, string quorum, string name, TimeSpan late);

    [LoggerMessage(10, LogLevel.Warning, "{Quorum}: the node {Node} refuses locks: {Words}")]
    public static partial void NodeRefuses(ILogger logger, string quorum, string node, string words);

    [LoggerMessage(11, LogLevel.Warning, "{Quorum}: the node {Node} is connected and gives no votes: {Words}")]
    public static partial void NodeIsMissed(ILogger logger, string quorum, string node, string words);

    [LoggerMessage(
        12,
        LogLevel.Warning,
        "{Quorum}: at the end {Held} locks that are renewed or watched were still held; the release of {Released} is confirmed, the "
            + "others go with their expiry at the latest.")]
    public static partial void HeldAtStop(ILogger logger, string quorum, int held, int released);

    [LoggerMessage(13, LogLevel.Error, "{Quorum}: the start goes on, and locks are unavailable until somebody mends it: {Reasons}")]
    public static partial void QuorumRefusedAtStart(ILogger logger, string quorum, string reasons);

    [LoggerMessage(14, LogLevel.Information, "Leader election '{Election}': this instance leads.")]
    public static partial void LeadershipBegun(ILogger logger, string election);

    [LoggerMessage(15, LogLevel.Information, "Leader election '{Election}': this instance leads no more ({Change}).")]
    public static partial void LeadershipGivenUp(ILogger logger, string election, LeadershipChange change);

    [LoggerMessage(16, LogLevel.Warning, "Leader election '{Election}': this instance has lost the leadership, and competes again.")]
    public static partial void LeadershipLost(ILogger logger, string election);

    [LoggerMessage(
        17,
        LogLevel.Error,
        "Leader election '{Election}': the leader's work failed; another instance has its chance, and this one after it.")]
    public static partial void LeaderFailed(ILogger logger, string election, Exception? fault);

    [LoggerMessage(18, LogLevel.Error, "Leader election '{Election}': a listener failed.")]
    public static partial void ListenerFailed(ILogger logger, string election, Exception fault);

    [LoggerMessage(20, LogLevel.Debug, "{Quorum}: the lock '{Name}' was acquired (tries: {Tries}).")]
    public static partial void LockAcquired(ILogger logger, string quorum, string name, int tries);

    [LoggerMessage(21, LogLevel.Debug, "{Quorum}: the lock '{Name}' is held by another owner (tries: {Tries}). {Nodes}")]
    public static partial void LockContended(ILogger logger, string quorum, string name, int tries, string nodes);

    [LoggerMessage(
        22, LogLevel.Debug, "{Quorum}: the lock '{Name}' is unavailable: too few nodes granted it in time (tries: {Tries}). {Nodes}")]
    public static partial void LockUnavailable(ILogger logger, string quorum, string name, int tries, string nodes);

    [LoggerMessage(23, LogLevel.Debug, "{Quorum}: the release of the lock '{Name}' has ended: {Status}.")]
    public static partial void LockReleased(ILogger logger, string quorum, string name, UnlockStatus status);

    [LoggerMessage(24, LogLevel.Warning, "{Quorum}: the node {Node} serves on, and its login was not renewed: {Error}")]
    public static partial void LoginNotRenewed(ILogger logger, string quorum, string node, string error);

    [LoggerMessage(19, LogLevel.Error, "Leader election '{Election}': the attempt to lead failed, and is made again.")]
    public static partial void ElectionFailed(ILogger logger, string election, Exception fault);
}
