namespace Redlock.Fast;

/// <summary>Operations that wait to be used again; after warm-up, no cycle makes a new one.</summary>
internal sealed class OperationPool<TOperation>(Func<OperationPool<TOperation>, TOperation> create)
    where TOperation : class
{
    // As many as may reasonably run at once; what a burst makes beyond that is left to the garbage collector.
    private const int Capacity = 4096;

    private readonly object _gate = new();
    private TOperation?[] _rest = new TOperation?[16];
    private int _count;
    private TOperation? _first;

    public TOperation Rent()
    {
        TOperation? operation = Interlocked.Exchange(ref _first, null);
        if (operation is not null)
        {
            return operation;
        }

        lock (_gate)
        {
            if (_count > 0)
            {
                operation = _rest[--_count];
                _rest[_count] = null;
            }
        }

        return operation ?? create(this);
    }

    /// <returns>False if the pool is full and the operation is not needed any more.</returns>
    public bool TryReturn(TOperation operation)
    {
        if (Interlocked.CompareExchange(ref _first, operation, null) is null)
        {
            return true;
        }

        lock (_gate)
        {
            if (_count == Capacity)
            {
                return false;
            }

            if (_count == _rest.Length)
            {
                Array.Resize(ref _rest, _count * 2);
            }

            _rest[_count++] = operation;
            return true;
        }
    }
}
