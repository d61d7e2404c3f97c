using System.Diagnostics;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>
/// What all copies of one token share: whether one of them has given the lock up, and the newest deadline that any of them has been given.
/// </summary>
/// <remarks>
/// Pooled, and used again and again: a token remembers which use is its own, and sees any other as the end of it. One that is never
/// released goes with its tokens.
/// </remarks>
internal sealed partial class Holding(OperationPool<Holding> pool, int factory)
{
    private const uint Detached = 1;

    private readonly Gate _gate = new();

    // The uses are even numbers; a use that was detached is odd, and the last one, so that its tokens always see it.
    private uint _use = 2;
    private uint _lostIn;
    private MutexDefinition? _mutex;
    private long _deadlineTicks;
    private long _sinceTicks;
    private int _successions;

    /// <summary>The number of the factory whose nodes gave the lock.</summary>
    public int Factory => factory;

    /// <summary>Begins a use of one that is in nobody's hands.</summary>
    /// <param name="mutex">Whose lock it is.</param>
    /// <param name="deadlineTicks">0 if none is known.</param>
    /// <param name="successions">How often in a row the lock was handed on within its process.</param>
    /// <returns>Which use it is.</returns>
    public uint Begin(MutexDefinition mutex, long deadlineTicks, int successions = Surrender.SuccessionsUnknown)
    {
        // Without the gate: tokens of earlier uses read nothing but the number of the use.
        _mutex = mutex;
        _reached = _reachedAgain = 0;
        _deadlineTicks = deadlineTicks;
        _successions = successions;
        _sinceTicks = deadlineTicks == 0 ? 0 : deadlineTicks - mutex.ValidityTicks;
        return _use;
    }

    public bool IsOver(uint use) => Volatile.Read(ref _use) != use;

    public bool IsDetached(uint use) => Volatile.Read(ref _use) == (use | Detached);

    /// <summary>Whoever listens has been told that the lock is lost: no copy holds it any more.</summary>
    public void Lose(uint use)
    {
        using (_gate.Enter())
        {
            _lostIn = use;
        }
    }

    /// <summary>The newest deadline, unless the use is over or the lock was told to be lost.</summary>
    /// <exception cref="ArgumentException">It is the lock of another name.</exception>
    public bool TryGetDeadline(MutexDefinition mutex, uint use, out long deadlineTicks)
    {
        using (_gate.Enter())
        {
            deadlineTicks = _deadlineTicks;
            return IsOf(mutex, use) && _lostIn != use;
        }
    }

    /// <summary>Moves the deadline, never back.</summary>
    /// <returns>False if the use is over, or the lock is lost: it was told so, or the deadline has passed.</returns>
    public bool TryExtend(MutexDefinition mutex, uint use, long deadlineTicks)
    {
        using (_gate.Enter())
        {
            // The clock is read here: whoever has seen that nothing remains must not see it grow again.
            if (!IsOf(mutex, use) || _lostIn == use || mutex.IsPast(_deadlineTicks))
            {
                return false;
            }

            _deadlineTicks = Math.Max(_deadlineTicks, deadlineTicks);
            return true;
        }
    }

    /// <summary>Moves the deadline, never back: whoever keeps the lock knows that it is held.</summary>
    public void Extend(uint use, long deadlineTicks)
    {
        using (_gate.Enter())
        {
            if (_use == use && _lostIn != use)
            {
                _deadlineTicks = Math.Max(_deadlineTicks, deadlineTicks);
            }
        }
    }

    /// <summary>Ends a use, unless it is over.</summary>
    /// <param name="mutex">The releaser's.</param>
    /// <param name="use">Which.</param>
    /// <param name="token">The releaser's too.</param>
    /// <returns>The same owner with the newest deadline known, and what may be told of the release.</returns>
    /// <exception cref="ArgumentException">It is the lock of another name.</exception>
    public Surrender Release(MutexDefinition mutex, uint use, in LockToken token)
    {
        Surrender given;
        using (_gate.Enter())
        {
            // A use that is over may be in use again, and then knows nothing of this lock any more.
            ReleaseNews news = _lostIn == use ? ReleaseNews.None : ReleaseNews.All;
            if (!IsOf(mutex, use))
            {
                return Surrender.OfUnknown(mutex, token) with { News = news == ReleaseNews.None ? news : ReleaseNews.Outcome };
            }

            LockToken newest = token.Until(Math.Max(token.DeadlineTicks, _deadlineTicks)).Reaching(_reached);
            given = new Surrender(newest, _sinceTicks != 0 ? _sinceTicks : newest.DeadlineTicks - mutex.ValidityTicks, news, _successions);
            _use += 2;
            _mutex = null;
        }

        pool.TryReturn(this);
        return given;
    }

    /// <summary>Ends a use for good. One caller at most succeeds.</summary>
    /// <param name="mutex">Of whoever goes on with it.</param>
    /// <param name="use">Which.</param>
    /// <param name="deadlineTicks">The newest deadline takes its place, if there is one.</param>
    /// <exception cref="ArgumentException">It is the lock of another name.</exception>
    public bool TryDetach(MutexDefinition mutex, uint use, ref long deadlineTicks)
    {
        using (_gate.Enter())
        {
            if (!IsOf(mutex, use))
            {
                return false;
            }

            deadlineTicks = Math.Max(deadlineTicks, _deadlineTicks);
            _use |= Detached;
            return true;
        }
    }

    /// <summary>Whether somebody holds the lock now, and has since before a moment, as far as is known here.</summary>
    public bool IsHeldSince(long beforeTicks)
    {
        using (_gate.Enter())
        {
            return _mutex is { } mutex && (_use & Detached) == 0 && _lostIn != _use && _sinceTicks < beforeTicks
                && !mutex.IsPast(_deadlineTicks);
        }
    }

    private bool IsOf(MutexDefinition mutex, uint use)
    {
        _gate.AssertEntered();
        if (_use != use)
        {
            return false;
        }

        return _mutex!.HasKeyOf(mutex)
            ? true
            : throw new ArgumentException(
                $"The token is of the lock '{PrintableText.OfName(_mutex.Name)}', and this mutex is "
                + $"'{PrintableText.OfName(mutex.Name)}': nothing was sent.");
    }
}
