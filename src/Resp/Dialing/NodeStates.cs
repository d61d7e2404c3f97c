namespace Redlock.Fast.Resp;

/// <summary>The state of a node, and who is told of it: each change, one at a time, in the order in which they came.</summary>
/// <param name="observer">Told; whoever changes the state meanwhile leaves the telling to the thread that tells already.</param>
internal sealed class NodeStates(IConnectionObserver observer)
{
    private readonly Gate _gate = new();
    private readonly Queue<RespNodeState> _untold = new();
    private volatile RespNodeState _current = RespNodeState.Connecting;
    private bool _isTelling;

    public RespNodeState Current => _current;

    /// <summary>Goes to another state, unless the node is disposed: that is the last one.</summary>
    public bool TryMove(RespNodeState next)
    {
        using (_gate.Enter())
        {
            if (_current == RespNodeState.Disposed)
            {
                return false;
            }

            _current = next;
            _untold.Enqueue(next);
            if (_isTelling)
            {
                return true;
            }

            _isTelling = true;
        }

        while (TryTakeUntold(out RespNodeState state))
        {
            observer.OnState(state);
        }

        return true;
    }

    private bool TryTakeUntold(out RespNodeState state)
    {
        using (_gate.Enter())
        {
            _isTelling = _untold.TryDequeue(out state);
            return _isTelling;
        }
    }
}
