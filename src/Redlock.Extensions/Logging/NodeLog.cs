using Microsoft.Extensions.Logging;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>
/// Writes down what becomes of one node's connection, in order, on the thread pool: the node's own threads must not wait for a log.
/// </summary>
internal sealed class NodeLog : IThreadPoolWorkItem
{
    // A node that is away is dialled up to fifty times a second at first.
    private const int MostAStretch = 2;

    private static readonly TimeSpan _stretch = TimeSpan.FromSeconds(30);

    private readonly RespNode _node;
    private readonly ILogger _logger;
    private readonly string _quorum;
    private readonly LimitedMessage _connected;
    private readonly LimitedMessage _lost;
    private readonly LimitedMessage _refused;
    private readonly LimitedMessage _notRenewed;
    private readonly Lock _gate = new();
    private readonly Queue<(Change Change, string? Error)> _changes = [];
    private bool _wasConnected;
    private bool _isQueued;

    private NodeLog(RespNode node, ILogger logger, string quorum)
    {
        _node = node;
        _logger = logger;
        _quorum = quorum;
        _connected = Limited(nameof(LogMessages.NodeConnected), LogLevel.Information);
        _lost = Limited(nameof(LogMessages.NodeLost), LogLevel.Warning);
        _refused = Limited(nameof(LogMessages.NodeRefused), LogLevel.Warning);
        _notRenewed = Limited(nameof(LogMessages.LoginNotRenewed), LogLevel.Warning);
    }

    private enum Change : byte
    {
        Disconnected = 0,
        Connected,
        LoginNotRenewed,
    }

    /// <summary>Begins to write, for as long as there is the node.</summary>
    /// <param name="node">Which.</param>
    /// <param name="logger">Where to.</param>
    /// <param name="quorum">What the node belongs to.</param>
    public static void Attach(RespNode node, ILogger logger, string quorum)
    {
        NodeLog log = new(node, logger, quorum);
        node.StateChanged += log.OnStateChanged;
        node.CredentialsNotRenewed += log.OnCredentialsNotRenewed;

        // It may have been quicker than this.
        if (node.IsConnected)
        {
            log.Note(Change.Connected, error: null);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (TryTake(out Change change, out string? error))
        {
            try
            {
                Write(change, error ?? "the reason is not known.");
            }
            catch (Exception)
            {
                // A log that fails, as one that a shutdown has disposed may, must not end the process; there is nowhere else to say so.
            }
        }
    }

    private LimitedMessage Limited(string name, LogLevel level) =>
        new(_logger, _quorum, name, level, new LogLimit(MostAStretch, _stretch, TimeProvider.System));

    private void OnStateChanged(object? sender, RespNodeState state)
    {
        if (state is RespNodeState.Connected or RespNodeState.Disconnected)
        {
            Note(state == RespNodeState.Connected ? Change.Connected : Change.Disconnected, _node.LastError);
        }
    }

    private void OnCredentialsNotRenewed(object? sender, string text) => Note(Change.LoginNotRenewed, text);

    private void Note(Change change, string? error)
    {
        lock (_gate)
        {
            _changes.Enqueue((change, error));
            if (_isQueued)
            {
                return;
            }

            _isQueued = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private bool TryTake(out Change change, out string? error)
    {
        lock (_gate)
        {
            _isQueued = _changes.TryDequeue(out (Change Change, string? Error) next);
            (change, error) = next;
            return _isQueued;
        }
    }

    private void Write(Change change, string error)
    {
        if (change == Change.LoginNotRenewed)
        {
            if (_notRenewed.MayWrite())
            {
                LogMessages.LoginNotRenewed(_logger, _quorum, _node.Name, error);
            }

            return;
        }

        bool wasConnected = _wasConnected;
        _wasConnected = change == Change.Connected;
        if (_wasConnected)
        {
            if (!wasConnected && _connected.MayWrite())
            {
                LogMessages.NodeConnected(_logger, _quorum, _node.Name);
            }
        }
        else if (wasConnected)
        {
            if (_lost.MayWrite())
            {
                LogMessages.NodeLost(_logger, _quorum, _node.Name, error);
            }
        }
        else if (_refused.MayWrite())
        {
            LogMessages.NodeRefused(_logger, _quorum, _node.Name, error);
        }
    }
}
