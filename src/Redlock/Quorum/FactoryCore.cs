using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>What all operations of a factory share: the nodes, the clock, the owner ids, the pools.</summary>
internal sealed class FactoryCore : IDisposable
{
    private static int _lastNumber;

    private readonly CancellationTokenSource _disposal = new();
    private readonly Action<IThreadPoolWorkItem>? _queue;
    private int _closed;

    public FactoryCore(
        RespChannel[] channels, OwnerIdSource ownerIds, Random jitter, Action<IThreadPoolWorkItem>? queue, RedlockOptions options)
    {
        _queue = queue;
        Channels = channels;
        Turns = new ReadTurns(channels);
        Clock = new QuorumClock(channels[0].TimeProvider);
        OwnerIds = ownerIds;
        Jitter = jitter;
        Disposal = _disposal.Token;
        Locks = new OperationPool<LockOperation>(pool => new LockOperation(this, pool));
        Unlocks = new OperationPool<UnlockOperation>(pool => new UnlockOperation(this, pool));
        Extends = new OperationPool<ExtendOperation>(pool => new ExtendOperation(this, pool));
        HealCounts healed = new(channels);
        Healings = new OperationPool<Healing>(pool => new Healing(this, healed, pool));
        Holdings = new OperationPool<Holding>(pool => LockMetrics.Holding.Holdings.Add(new Holding(pool, Number)));
        Successions = new OperationPool<Succession>(pool => new Succession(this, pool));
        Observer = options.Observer;
        Phrases = new Phrases(channels.Length);
        Wakes = options.Wakes ? WakeUse.On : WakeUse.Off;
        Lines = new Lines(this);
        Kept = LockMetrics.Holding.Kept.Add(new KeptLocks(this));
        Posted = new PostedReleases(Time);
        Troubles = new NodeTroubles(channels, Clock, Events);
        Doubts = new Doubts(channels, Clock, Troubles, options.RestartQuarantine, Number);
    }

    /// <summary>Tells the factories of a process apart; never zero.</summary>
    public int Number { get; } = Interlocked.Increment(ref _lastNumber);

    public RespChannel[] Channels { get; }

    /// <summary>What lets a blocked caller read for itself.</summary>
    public ReadTurns Turns { get; }

    public QuorumClock Clock { get; }

    public TimeProvider Time => Clock.Time;

    public OwnerIdSource OwnerIds { get; }

    public Random Jitter { get; }

    /// <summary>Whether the factory is disposed.</summary>
    public bool IsDisposed => Volatile.Read(ref _closed) != 0;

    /// <summary>Cancelled when the factory is disposed.</summary>
    public CancellationToken Disposal { get; }

    public OperationPool<LockOperation> Locks { get; }

    public OperationPool<UnlockOperation> Unlocks { get; }

    public OperationPool<ExtendOperation> Extends { get; }

    public OperationPool<Succession> Successions { get; }

    /// <summary>Whether waiters are woken by the nodes.</summary>
    public WakeUse Wakes { get; }

    /// <summary>Who waits.</summary>
    public Lines Lines { get; }

    /// <summary>What the tokens of a held lock share.</summary>
    public OperationPool<Holding> Holdings { get; }

    /// <summary>What sets owner ids again on nodes that have lost them.</summary>
    public OperationPool<Healing> Healings { get; }

    /// <summary>The held locks that are renewed or watched.</summary>
    public KeptLocks Kept { get; }

    /// <summary>The releases that nobody waits for.</summary>
    public PostedReleases Posted { get; }

    public LockEvents Events { get; } = new();

    /// <summary>What nodes in trouble say.</summary>
    public Phrases Phrases { get; }

    /// <summary>Who is told of each lock and release; <c>null</c> if nobody is.</summary>
    public LockObserver? Observer { get; }

    /// <summary>Nodes that are connected and give no votes.</summary>
    public NodeTroubles Troubles { get; }

    /// <summary>Nodes that are not believed.</summary>
    public Doubts Doubts { get; }

    public long NowTicks => Clock.NowTicks;

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

    /// <exception cref="ObjectDisposedException">The factory is disposed.</exception>
    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(IsDisposed, Events.Factory!);

    /// <summary>No operation begins any more.</summary>
    /// <returns>False if it was so before.</returns>
    public bool TryClose() => Interlocked.Exchange(ref _closed, 1) == 0;

    public void Dispose()
    {
        _disposal.Cancel();
        _disposal.Dispose();
        Lines.Dispose();
        Doubts.Dispose();
    }
}
