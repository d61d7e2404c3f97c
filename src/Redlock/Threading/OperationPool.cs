using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Operations that wait to be used again; after warm-up, no cycle makes a new one.</summary>
internal sealed class OperationPool<TOperation>(Func<OperationPool<TOperation>, TOperation> create)
    where TOperation : class
{
    // As many as may reasonably run at once; what a burst makes beyond that is left to the garbage collector.
    private const int Capacity = 4096;

    private readonly Gate _gate = new();
    private TOperation?[] _rest = new TOperation?[16];
    private int _count;
    private int _made;
    private TOperation? _first;

    public TOperation Rent()
    {
        TOperation? operation = Interlocked.Exchange(ref _first, null);
        if (operation is not null)
        {
            return operation;
        }

        using (_gate.Enter())
        {
            if (_count > 0)
            {
                operation = _rest[--_count];
                _rest[_count] = null;
            }
            else
            {
                CountOneMore();
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

        using (_gate.Enter())
        {
            if (_count == _rest.Length)
            {
                return false;
            }

            _rest[_count++] = operation;
            return true;
        }
    }

    /// <summary>Makes one more, for a moment at which all are needed.</summary>
    public void Reserve()
    {
        using (_gate.Enter())
        {
            CountOneMore();
        }

        TryReturn(create(this));
    }

    // The room to rest is made together with what will rest there: all may come back at once long after they were made.
    private void CountOneMore()
    {
        if (_made == Capacity)
        {
            return;
        }

        if (_made == _rest.Length)
        {
            Array.Resize(ref _rest, _made * 2);
        }

        _made++;
    }
}
