using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>Keeps a lock by renewal, another one as soon as it is lost, and tells of each loss.</summary>
internal sealed class SteadyKeeper
{
    private readonly RedlockFactory _factory;
    private readonly int _node;
    private readonly MutexOptions _options;
    private RedlockMutex _mutex;
    private RenewalHistory _history;
    private LockToken _token;
    private int _names;

    public SteadyKeeper(RedlockFactory factory, int node, MutexOptions options)
    {
        _factory = factory;
        _node = node;
        _options = options with
        {
            Expiry = RenewalChances.Expiry,
            Renew = RenewOptions.Every(RenewalChances.Period / RenewalChances.Expiry, Timeout.InfiniteTimeSpan),
        };
        (_mutex, _history) = Next();
    }

    /// <summary>Takes a lock if there is none, and looks whether it is still held. To be called often.</summary>
    /// <returns>Whether it was lost, and what.</returns>
    public bool TryFindLoss(out SteadyEvent loss)
    {
        loss = default;
        if (_token.IsDefault)
        {
            (_mutex, _history) = Next();
            NodeOutcome[] votes = new NodeOutcome[_factory.Nodes.Count];
            _token = _mutex.TryLock(votes, CancellationToken.None).Token;
            _history.Begin(MonotonicTime.Shared.GetTimestamp(), votes);
        }

        if (_token.IsDefault || _history.Look(_mutex.Remaining(_token)))
        {
            return false;
        }

        _token = default;
        loss = _history.ToLoss(_node);
        return true;
    }

    public void Finish()
    {
        if (!_token.IsDefault)
        {
            _mutex.Unlock(_token);
        }
    }

    // Under a name that nobody had: what a lost lock or an attempt in vain left on some nodes would keep the next lock from them until it
    // expires, and a lock that begins on fewer nodes than are well is lost with fewer faults than explain it.
    private (RedlockMutex Mutex, RenewalHistory History) Next()
    {
        RedlockMutex mutex = _factory.CreateMutex($"kept-{_node}-{_names++}", _options);
        return (mutex, new RenewalHistory(mutex));
    }
}
