using System.Diagnostics;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>
/// The kept locks, found by their owner ids. All but <see cref="IsEmpty"/> belongs under the gate of <see cref="KeptLocks"/>.
/// </summary>
/// <param name="gate">The one that all of it belongs under.</param>
/// <param name="holdings">What the tokens of a held lock share.</param>
/// <param name="time">The clock of the locks' timers.</param>
/// <param name="ring">What they call.</param>
internal sealed class KeptLockTable(Gate gate, OperationPool<Holding> holdings, TimeProvider time, Action<KeptLock> ring)
{
    private readonly Dictionary<LockToken, KeptLock> _byOwner = [];
    private readonly OperationPool<KeptLock> _pool = new(_ => new KeptLock(time, ring));
    private int _count;

    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    public IEnumerable<KeptLock> All
    {
        get
        {
            gate.AssertEntered();
            return _byOwner.Values;
        }
    }

    public KeptLock? Find(MutexDefinition mutex, LockToken token)
    {
        gate.AssertEntered();
        return _byOwner.TryGetValue(token, out KeptLock? kept) && kept.Mutex.HasKeyOf(mutex) ? kept : null;
    }

    /// <summary>
    /// The same, unless it was given up, with its newest deadline: what another factory has released or extended is noticed here.
    /// </summary>
    public KeptLock? FindHeld(MutexDefinition mutex, LockToken token)
    {
        KeptLock? kept = Find(mutex, token);
        if (kept is null)
        {
            return null;
        }

        if (kept.Token.IsGivenUp)
        {
            Remove(kept);
            return null;
        }

        TryCatchUp(kept);
        return kept;
    }

    /// <summary>Takes over the newest deadline that a copy of the token was given elsewhere.</summary>
    /// <returns>Whether there was a newer one.</returns>
    public static bool TryCatchUp(KeptLock kept)
    {
        long deadlineTicks = kept.Token.Newest(kept.Mutex).DeadlineTicks;
        if (kept.IsLost || deadlineTicks <= kept.Token.DeadlineTicks)
        {
            return false;
        }

        kept.Extend(deadlineTicks);
        return true;
    }

    /// <returns>Nothing if the lock is past or given up.</returns>
    public KeptLock? TryAdd(MutexDefinition mutex, LockToken token, long now)
    {
        gate.AssertEntered();

        // The same owner id under another name: no attempt of this library does that.
        if (token.IsDefault || mutex.IsPast(token.DeadlineTicks) || _byOwner.ContainsKey(token))
        {
            return null;
        }

        KeptLock kept = _pool.Rent();
        kept.Begin(mutex, token.HasHolding ? token : token.HeldBy(holdings.Rent(), mutex, 0), now);
        _byOwner.Add(token, kept);
        Count();

        GiveUpHandshake.Fence();
        if (!token.IsGivenUp)
        {
            return kept;
        }

        Remove(kept);
        return null;
    }

    public void Remove(KeptLock kept)
    {
        gate.AssertEntered();
        _byOwner.Remove(kept.Token);
        Count();
        kept.End();
        if (!_pool.TryReturn(kept))
        {
            kept.DropTimer();
        }
    }

    [Conditional("DEBUG")]
    public void AssertInvariants()
    {
        gate.AssertEntered();
        Debug.Assert(_count == _byOwner.Count, "whoever looks without the gate sees whether any lock is kept");
    }

    private void Count() => Volatile.Write(ref _count, _byOwner.Count);
}
