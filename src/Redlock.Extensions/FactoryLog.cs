using Microsoft.Extensions.Logging;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>Writes down what becomes of a factory's nodes and locks.</summary>
internal sealed class FactoryLog : IDisposable
{
    // In an outage all locks of a service are lost at once; a hundred tell as much as ten thousand.
    private const int MostAStretch = 100;

    private static readonly TimeSpan _stretch = TimeSpan.FromSeconds(10);

    private readonly RedlockFactory _factory;
    private readonly ILogger _logger;
    private readonly List<NodeLog> _nodes = [];
    private readonly LogLimit _lost = new(MostAStretch, _stretch, TimeProvider.System);
    private readonly LogLimit _unknown = new(MostAStretch, _stretch, TimeProvider.System);

    public FactoryLog(RedlockFactory factory, ILogger logger)
    {
        _factory = factory;
        _logger = logger;
        factory.LockLost += OnLockLost;
        factory.ReleaseUnknown += OnReleaseUnknown;
        foreach (RespChannel channel in factory.Nodes)
        {
            if (channel is RespNode node)
            {
                _nodes.Add(new NodeLog(node, logger));
            }
        }
    }

    public void QuorumMissingAtStart(TimeSpan limit) => LogMessages.QuorumMissingAtStart(_logger, limit);

    public void Dispose()
    {
        _factory.LockLost -= OnLockLost;
        _factory.ReleaseUnknown -= OnReleaseUnknown;
        foreach (NodeLog node in _nodes)
        {
            node.Dispose();
        }
    }

    private void OnLockLost(object? sender, LockLostEventArgs loss)
    {
        if (_lost.TryTake(out int suppressed))
        {
            LogMessages.LockLost(_logger, loss.Name, loss.Reason, suppressed);
        }
    }

    private void OnReleaseUnknown(object? sender, ReleaseUnknownEventArgs release)
    {
        if (_logger.IsEnabled(LogLevel.Warning) && _unknown.TryTake(out int suppressed))
        {
            LogMessages.ReleaseUnknown(_logger, release.Name, string.Join("; ", release.Nodes), suppressed);
        }
    }
}
