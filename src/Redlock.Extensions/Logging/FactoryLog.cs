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
    private readonly LimitedMessage _outlasted;

    private FactoryLog(ILogger logger, string quorum)
    {
        _logger = logger;
        _quorum = quorum;
        _lost = Limited(nameof(LogMessages.LockLost), LogLevel.Error);
        _unknown = Limited(nameof(LogMessages.ReleaseUnknown), LogLevel.Warning);
        _outlasted = Limited(nameof(LogMessages.LockOutlasted), LogLevel.Warning);
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
        factory.LockOutlasted += log.OnLockOutlasted;
        factory.NodeTroubled += log.OnNodeTroubled;
        factory.HeldAtStop += log.OnHeldAtStop;
        foreach (RespChannel channel in factory.Nodes)
        {
            if (channel is RespNode node)
            {
                NodeLog.Attach(node, logger, quorum);
            }
        }
    }

    private LimitedMessage Limited(string name, LogLevel level) =>
        new(_logger, _quorum, name, level, new LogLimit(MostAStretch, _stretch, TimeProvider.System));

    private void OnLockLost(object? sender, LockLostEventArgs loss)
    {
        if (_lost.MayWrite())
        {
            LogMessages.LockLost(_logger, _quorum, PrintableText.OfName(loss.Name), loss.Reason);
        }
    }

    private void OnReleaseUnknown(object? sender, ReleaseUnknownEventArgs release)
    {
        if (_unknown.MayWrite())
        {
            LogMessages.ReleaseUnknown(_logger, _quorum, PrintableText.OfName(release.Name), string.Join("; ", release.Nodes));
        }
    }

    private void OnLockOutlasted(object? sender, LockOutlastedEventArgs late)
    {
        if (_outlasted.MayWrite())
        {
            LogMessages.LockOutlasted(_logger, _quorum, PrintableText.OfName(late.Name), late.Late);
        }
    }

    // The factory tells each kind once a node and stretch, so nothing is limited here.
    private void OnNodeTroubled(object? sender, NodeTroubledEventArgs trouble)
    {
        string node = PrintableText.OfName(trouble.Node);
        string words = NodeReport.WithoutName(trouble.Node, trouble.Words);
        if (trouble.Trouble == NodeTrouble.Refused)
        {
            LogMessages.NodeRefuses(_logger, _quorum, node, words);
        }
        else
        {
            LogMessages.NodeIsMissed(_logger, _quorum, node, words);
        }
    }

    private void OnHeldAtStop(object? sender, HeldAtStopEventArgs held) =>
        LogMessages.HeldAtStop(_logger, _quorum, held.Held, held.Released);
}
