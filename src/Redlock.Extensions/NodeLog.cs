using Microsoft.Extensions.Logging;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>Writes down what becomes of one node's connection, in order, on the thread pool: the node's own threads must not wait for a log.</summary>
internal sealed class NodeLog : IThreadPoolWorkItem, IDisposable
{
    // A node that is away is dialled up to fifty times a second at first.
    private const int MostAStretch = 2;

    private static readonly TimeSpan _stretch = TimeSpan.FromSeconds(30);

    private readonly RespNode _node;
    private readonly ILogger _logger;
    private readonly LogLimit _lost = new(MostAStretch, _stretch, TimeProvider.System);
    private readonly LogLimit _refused = new(MostAStretch, _stretch, TimeProvider.System);
    private readonly Lock _gate = new();
    private readonly Queue<(RespNodeState State, string? Error)> _changes = [];
    private RespNodeState _last;
    private bool _isQueued;

    public NodeLog(RespNode node, ILogger logger)
    {
        _node = node;
        _logger = logger;
        node.StateChanged += OnStateChanged;

        // It may have been quicker than this.
        if (node.IsConnected)
        {
            Note(RespNodeState.Connected);
        }
    }

    public void Dispose() => _node.StateChanged -= OnStateChanged;

    void IThreadPoolWorkItem.Execute()
    {
        while (TryTake(out RespNodeState state, out string? error))
        {
            Write(state, error ?? "the reason is not known.");
        }
    }

    private void OnStateChanged(object? sender, RespNodeState state) => Note(state);

    private void Note(RespNodeState state)
    {
        if (state is not (RespNodeState.Connected or RespNodeState.Disconnected))
        {
            return;
        }

        lock (_gate)
        {
            _changes.Enqueue((state, _node.LastError));
            if (_isQueued)
            {
                return;
            }

            _isQueued = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private bool TryTake(out RespNodeState state, out string? error)
    {
        lock (_gate)
        {
            _isQueued = _changes.TryDequeue(out (RespNodeState State, string? Error) change);
            (state, error) = change;
            return _isQueued;
        }
    }

    private void Write(RespNodeState state, string error)
    {
        bool wasConnected = _last == RespNodeState.Connected;
        _last = state;
        if (state == RespNodeState.Connected)
        {
            if (!wasConnected)
            {
                LogMessages.NodeConnected(_logger, _node.Name);
            }
        }
        else if (wasConnected)
        {
            if (_lost.TryTake(out int suppressed))
            {
                LogMessages.NodeLost(_logger, _node.Name, error, suppressed);
            }
        }
        else if (_refused.TryTake(out int suppressed))
        {
            LogMessages.NodeRefused(_logger, _node.Name, error, suppressed);
        }
    }
}
