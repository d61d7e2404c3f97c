using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Redlock.Fast;

/// <summary>All locks of a factory that are renewed or watched: one queue of what is due next, one timer over it.</summary>
/// <remarks>
/// A lock is found by its owner id, which no two attempts share: whatever comes late for one that was released finds nothing.
/// The timer's thread sends renewals itself and never runs a caller's code.
/// </remarks>
internal sealed class KeptLocks(QuorumNodes nodes)
{
    // Other timers of the process wait meanwhile; what is left comes right behind them.
    private const int MostATurn = 64;

    private static readonly TimeSpan _longestSleep = TimeSpan.FromDays(24);
    private static readonly CancellationToken _lost = new(canceled: true);

    private readonly object _gate = new();
    private readonly Dictionary<LockToken, KeptLock> _byOwner = [];
    private readonly KeptLockHeap _heap = new();
    private readonly OperationPool<KeptLock> _pool = new(static _ => new KeptLock());
    private ITimer? _timer;
    private long _armedFor = long.MaxValue;
    private int _count;

    /// <summary>What came of an extension, as far as this is concerned.</summary>
    public enum Extension : byte
    {
        /// <summary>A caller asked for it.</summary>
        ByCaller = 0,

        /// <summary>It was a renewal.</summary>
        ByRenewal,
    }

    /// <summary>Whether any lock is kept, so that those who use none pay for a read.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <summary>Starts to renew a lock, or renews it in another way from now on.</summary>
    /// <returns>False if it is lost already.</returns>
    public bool TryRenew(RedlockMutex mutex, LockToken token, RenewOptions options)
    {
        lock (_gate)
        {
            long now = nodes.NowTicks;
            if (!TryFindOrAdd(mutex, token, now, out KeptLock? kept))
            {
                return false;
            }

            kept.Renew(options, now);
            Requeue(kept, now);
            return true;
        }
    }

    /// <summary>A token that is cancelled when the lock is lost.</summary>
    public CancellationToken Watch(RedlockMutex mutex, LockToken token) => WatchWithSource(mutex, token)?.Token ?? _lost;

    /// <summary>What cancels that token, or <c>null</c> if the lock is lost already.</summary>
    public CancellationTokenSource? WatchWithSource(RedlockMutex mutex, LockToken token)
    {
        lock (_gate)
        {
            long now = nodes.NowTicks;
            if ((token.DeadlineTicks == 0 && Find(mutex, token) is null) || !TryFindOrAdd(mutex, token, now, out KeptLock? kept))
            {
                return null;
            }

            Requeue(kept, now);
            return kept.Loss ??= new CancellationTokenSource();
        }
    }

    /// <summary>The same owner with the newest deadline known, or <c>default</c> if it is lost.</summary>
    public LockToken Newest(RedlockMutex mutex, LockToken token)
    {
        lock (_gate)
        {
            return Find(mutex, token) is not { } kept ? token
                : kept.IsLost ? default
                : kept.Token.DeadlineTicks > token.DeadlineTicks ? kept.Token
                : token;
        }
    }

    /// <summary>The lock is being released: nothing is renewed any more, and nobody is told of a loss.</summary>
    /// <returns>Since when it has been held, or 0 if it is not kept.</returns>
    public long Forget(RedlockMutex mutex, ref LockToken token)
    {
        lock (_gate)
        {
            if (Find(mutex, token) is not { } kept)
            {
                return 0;
            }

            token = kept.Token;
            long sinceTicks = kept.SinceTicks;
            Remove(kept);
            return sinceTicks;
        }
    }

    /// <summary>An extension has ended, a renewal or any other.</summary>
    /// <param name="mutex">Whose.</param>
    /// <param name="token">The owner, with the new deadline if there is one.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="extension">Who asked for it.</param>
    /// <returns>False if the lock was lost or released meanwhile, so that an extension has to be undone.</returns>
    public bool TryAccept(RedlockMutex mutex, LockToken token, ExtendStatus status, Extension extension)
    {
        CancellationTokenSource? loss;
        lock (_gate)
        {
            long now = nodes.NowTicks;
            KeptLock? kept = Find(mutex, token);
            if (kept is null || kept.IsLost)
            {
                return kept is null && extension == Extension.ByCaller;
            }

            if (status != ExtendStatus.NotHeld)
            {
                Note(kept, token, status, extension, now);
                Requeue(kept, now);
                return true;
            }

            loss = Lose(kept, LossReason.Refused, now);
        }

        Tell(loss);
        return true;
    }

    private static void Note(KeptLock kept, LockToken token, ExtendStatus status, Extension extension, long now)
    {
        bool ownRenewal = extension == Extension.ByRenewal && kept.Phase == KeptLock.RenewalPhase.Asking;
        if (status == ExtendStatus.Extended)
        {
            if (ownRenewal)
            {
                kept.EndRenewal();
            }

            // Two extensions may come back in either order.
            kept.Extend(token.DeadlineTicks > kept.Token.DeadlineTicks ? token : kept.Token);
        }
        else if (ownRenewal)
        {
            kept.RetryRenewal(now);
        }
    }

    // Its callbacks run on the pool; the token itself shows the loss before this returns, whatever the pool does.
    private static void Tell(CancellationTokenSource? loss) => _ = loss?.CancelAsync();

    // Two tokens of one owner differ in their deadlines and in what they know of the nodes.
    private static LockToken OwnerOf(LockToken token) => token.Until(0).Without(0, 0);

    private void OnTimer()
    {
        for (int turn = 0; ; turn++)
        {
            CancellationTokenSource? loss = null;
            KeptLock? asking = null;
            RedlockMutex mutex = null!;
            LockToken token = default;
            lock (_gate)
            {
                long now = nodes.NowTicks;
                if (turn == 0)
                {
                    _armedFor = long.MaxValue;
                }

                if (_heap.Count == 0 || _heap.Earliest.DueTicks > now || turn == MostATurn)
                {
                    Arm(now);
                    return;
                }

                KeptLock kept = _heap.Earliest;
                if (kept.IsLost)
                {
                    Remove(kept);
                    continue;
                }

                if (now >= kept.LossTicks)
                {
                    loss = Lose(kept, kept.ReasonNow(now), now);
                }
                else if (kept.MayNotRenew(now) || nodes.Disposal.IsCancellationRequested)
                {
                    kept.StopRenewal();
                    _heap.AddOrMove(kept);
                }
                else
                {
                    asking = kept;
                    kept.Ask();
                    _heap.AddOrMove(kept);

                    // What comes back after the loss is told must be undone, so the loss is the deadline of this extension.
                    mutex = kept.Mutex;
                    token = kept.Token.Until(kept.LossTicks);
                }
            }

            Tell(loss);
            if (asking is not null)
            {
                nodes.Extends.Rent().Renew(mutex, token);
            }
        }
    }

    private CancellationTokenSource? Lose(KeptLock kept, LossReason reason, long now)
    {
        kept.Lose();
        LockMetrics.CountLoss(reason);
        Requeue(kept, now);
        nodes.Events.TellLost(kept.Mutex, reason);
        return kept.Loss;
    }

    private KeptLock? Find(RedlockMutex mutex, LockToken token) =>
        _byOwner.TryGetValue(OwnerOf(token), out KeptLock? kept) && kept.Mutex.HasKeyOf(mutex) ? kept : null;

    private bool TryFindOrAdd(RedlockMutex mutex, LockToken token, long now, [NotNullWhen(true)] out KeptLock? kept)
    {
        kept = Find(mutex, token);
        if (kept is not null)
        {
            return !kept.IsLost;
        }

        if (token.IsDefault || (token.DeadlineTicks != 0 && token.DeadlineTicks <= now))
        {
            return false;
        }

        LockToken owner = OwnerOf(token);
        kept = _pool.Rent();
        kept.Begin(mutex, token, now);
        if (!_byOwner.TryAdd(owner, kept))
        {
            // The same owner id under another name: no attempt of this library does that.
            kept.End();
            _pool.TryReturn(kept);
            kept = null;
            return false;
        }

        Volatile.Write(ref _count, _byOwner.Count);
        return true;
    }

    private void Remove(KeptLock kept)
    {
        _heap.Remove(kept);
        _byOwner.Remove(OwnerOf(kept.Token));
        Volatile.Write(ref _count, _byOwner.Count);
        kept.End();
        _pool.TryReturn(kept);
    }

    private void Requeue(KeptLock kept, long now)
    {
        _heap.AddOrMove(kept);
        Debug.Assert(_heap.Count == _byOwner.Count, "every kept lock is due some time");
        Arm(now);
    }

    private void Arm(long now)
    {
        if (_heap.Count == 0 || _heap.Earliest.DueTicks >= _armedFor)
        {
            return;
        }

        _armedFor = _heap.Earliest.DueTicks;
        _timer ??= nodes.Time.CreateTimer(static state => ((KeptLocks)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        TimeSpan due = _armedFor <= now ? TimeSpan.Zero : nodes.Time.GetElapsedTime(now, _armedFor);

        // Rounded up: a timer that fires early would find nothing due.
        _timer.Change(due < _longestSleep ? due + TimeSpan.FromTicks(Math.Sign(due.Ticks)) : _longestSleep, Timeout.InfiniteTimeSpan);
    }
}
