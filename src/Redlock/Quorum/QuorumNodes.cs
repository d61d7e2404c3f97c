using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>What all operations of a factory share: the nodes, the clock, the owner ids, the pools.</summary>
internal sealed class QuorumNodes : IDisposable
{
    private static int _lastNumber;

    private readonly CancellationTokenSource _disposal = new();
    private readonly Action<IThreadPoolWorkItem>? _queue;

    public QuorumNodes(RespChannel[] channels, OwnerIdSource ownerIds, Random jitter, Action<IThreadPoolWorkItem>? queue)
    {
        _queue = queue;
        Channels = channels;
        Time = channels[0].Time;
        OwnerIds = ownerIds;
        Jitter = jitter;
        Disposal = _disposal.Token;
        Locks = new OperationPool<LockOperation>(pool => new LockOperation(this, pool));
        Unlocks = new OperationPool<UnlockOperation>(pool => new UnlockOperation(this, pool));
        Extends = new OperationPool<ExtendOperation>(pool => new ExtendOperation(this, pool));
        Holdings = new OperationPool<Holding>(pool => new Holding(pool, Number));
        Kept = new KeptLocks(this);
        Troubles = new NodeTroubles(this);
    }

    /// <summary>Tells the factories of a process apart; never zero.</summary>
    public int Number { get; } = Interlocked.Increment(ref _lastNumber);

    public RespChannel[] Channels { get; }

    public TimeProvider Time { get; }

    public OwnerIdSource OwnerIds { get; }

    public Random Jitter { get; }

    /// <summary>Cancelled when the factory is disposed.</summary>
    public CancellationToken Disposal { get; }

    public OperationPool<LockOperation> Locks { get; }

    public OperationPool<UnlockOperation> Unlocks { get; }

    public OperationPool<ExtendOperation> Extends { get; }

    /// <summary>What the tokens of a held lock share.</summary>
    public OperationPool<Holding> Holdings { get; }

    /// <summary>The held locks that are renewed or watched.</summary>
    public KeptLocks Kept { get; }

    public LockEvents Events { get; } = new();

    /// <summary>Nodes that are connected and give no votes.</summary>
    public NodeTroubles Troubles { get; }

    /// <summary>The one place that reads the clock.</summary>
    public long NowTicks => Time.GetTimestamp();

    /// <summary>Runs the rest of an operation on the thread pool, or where a simulation of one thread wants it.</summary>
    public void Queue(IThreadPoolWorkItem rest)
    {
        if (_queue is null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(rest, preferLocal: false);
        }
        else
        {
            _queue(rest);
        }
    }

    public void Dispose()
    {
        _disposal.Cancel();
        _disposal.Dispose();
    }
}
