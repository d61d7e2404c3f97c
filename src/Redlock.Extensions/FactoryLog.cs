using Microsoft.Extensions.Logging;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>Writes down what becomes of a factory's nodes and locks, for as long as there is the factory.</summary>
internal sealed class FactoryLog
{
    // In an outage all locks of a service are lost at once; a hundred tell as much as ten thousand.
    private const int MostAStretch = 100;

    private static readonly TimeSpan _stretch = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger;
    private readonly string _quorum;
    private readonly LimitedMessage _lost;
    private readonly LimitedMessage _unknown;

    private FactoryLog(ILogger logger, string quorum)
    {
        _logger = logger;
        _quorum = quorum;
        _lost = new LimitedMessage(logger, quorum, nameof(LogMessages.LockLost), LogLevel.Error, new LogLimit(MostAStretch, _stretch, TimeProvider.System));
        _unknown = new LimitedMessage(
            logger, quorum, nameof(LogMessages.ReleaseUnknown), LogLevel.Warning, new LogLimit(MostAStretch, _stretch, TimeProvider.System));
    }

    /// <summary>Begins to write.</summary>
    /// <param name="factory">Whose nodes and locks.</param>
    /// <param name="logger">Where to.</param>
    /// <param name="quorum">What tells this factory from others in the same log.</param>
    public static void Attach(RedlockFactory factory, ILogger logger, string quorum)
    {
        FactoryLog log = new(logger, quorum);
        factory.LockLost += log.OnLockLost;
        factory.ReleaseUnknown += log.OnReleaseUnknown;
        foreach (RespChannel channel in factory.Nodes)
        {
            if (channel is RespNode node)
            {
                NodeLog.Attach(node, logger, quorum);
            }
        }
    }

    private void OnLockLost(object? sender, LockLostEventArgs loss)
    {
        if (_lost.MayWrite())
        {
            LogMessages.LockLost(_logger, _quorum, loss.Name, loss.Reason);
        }
    }

    private void OnReleaseUnknown(object? sender, ReleaseUnknownEventArgs release)
    {
        if (_unknown.MayWrite())
        {
            LogMessages.ReleaseUnknown(_logger, _quorum, release.Name, string.Join("; ", release.Nodes));
        }
    }
}
