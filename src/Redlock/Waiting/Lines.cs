using System.Diagnostics;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>The lines of a factory, by key: who waits, whose turn it is, and what wakes them.</summary>
/// <remarks>
/// <para>
/// A line whose head neither asks nor will be woken would be forgotten for ever. So each waiter sleeps with a timer of its own, whoever
/// leaves hands the head on in the same step, and what happens while the head is asking is kept in the line until it is about to sleep.
/// </para>
/// <para>
/// The gate guards the table and all lines; within it operations' own gates are entered, never the other way round. Nothing is sent inside.
/// </para>
/// </remarks>
internal sealed partial class Lines : SubscriptionHandler
{
    private readonly FactoryCore _core;
    private readonly Gate _gate = new();
    private readonly Dictionary<MutexDefinition, Line> _byKey = new(KeyComparer.Instance);
    private readonly List<Line> _all = [];
    private readonly Stack<Line> _unused = [];
    private readonly Yields _yields = new();
    private int _waiters;
    private int _lines;
    private bool _isClosed;

    public Lines(FactoryCore core)
    {
        _core = core;
        _deafUntil = new long[core.Channels.Length];
    }

    /// <summary>Whether nobody waits. Asked without the gate, so of a moment ago.</summary>
    public bool IsEmpty => Volatile.Read(ref _waiters) == 0;

    /// <summary>How many callers wait.</summary>
    public int Waiters => Volatile.Read(ref _waiters);

    /// <summary>Whether a caller that would wait has to stand behind others, or to let others go first.</summary>
    public bool MustBeJoined(MutexDefinition mutex)
    {
        if (_yields.UntilTicks(mutex.KeyHash) is not 0 and var until && until > _core.NowTicks)
        {
            return true;
        }

        if (IsEmpty)
        {
            return false;
        }

        using (_gate.Enter())
        {
            return _byKey.TryGetValue(mutex, out Line? line) && line.Head is not null;
        }
    }

    /// <summary>Puts a waiter to sleep in its place, at the end of its line if it has none yet.</summary>
    /// <returns>What it has to do instead, if anything. If nothing, it belongs to whoever wakes it.</returns>
    public Ask Sleep(LockOperation waiter)
    {
        Hush hush = default;
        Wish wish = default;
        Ask ask = Ask.Nothing;
        using (_gate.Enter())
        {
            Line line = waiter.Line ?? Join(waiter);
            long now = _core.NowTicks;
            long untilTicks = waiter.DueTicks;
            if (line.Head == waiter)
            {
                ask = LookAround(line, waiter, now, ref hush);
                untilTicks = Math.Min(untilTicks, line.AskAtTicks);
            }
            else
            {
                // The head knows better by the time at which this one is it.
                waiter.TryTakeFindings(out _);
            }

            if (ask == Ask.Nothing && !waiter.TrySleep(untilTicks))
            {
                ask = Ask.Never;
            }

            if (ask == Ask.Nothing && line.Head == waiter && line.Stage == LineStage.Deaf)
            {
                wish = BeginSubscribing(line, now);
            }
        }

        // The waiter may be another thread's by now.
        Unsubscribe(hush);
        Subscribe(wish);
        return ask;
    }

    /// <summary>A waiter goes, with the lock or without; the next one is the head in the same step.</summary>
    public void Leave(LockOperation waiter)
    {
        using (_gate.Enter())
        {
            Line line = waiter.Line!;
            bool wasHead = line.Head == waiter;
            bool isAcquired = waiter.Status == LockStatus.Acquired;
            line.Remove(waiter);
            Volatile.Write(ref _waiters, _waiters - 1);
            if (isAcquired)
            {
                line.HeldUntilTicks = waiter.HeldUntilTicks;
                line.AskAt(line.HeldUntilTicks, WakeCause.Expired);
                line.Unanswered = Ask.Nothing;
                line.IsMarked = false;
                line.ForgetMoves();
            }
            else if (waiter.TryTakeFindings(out Findings findings) && findings.Attempt != Attempt.TakeFirst)
            {
                line.NoteVerdict(waiter.Status, waiter.LatestVotes);
            }
            else if (line.HasVerdict && !_core.Disposal.IsCancellationRequested)
            {
                waiter.Inherit(line.Verdict, line.Outcomes);
            }

            if (line.Head is not { } next)
            {
                NoteEmpty(line);
            }
            else if (wasHead)
            {
                // Whatever the one before has begun and not ended, a wake that it did not answer above all, is the next one's.
                if (!isAcquired && (!waiter.IsAsleep || line.Unanswered != Ask.Nothing))
                {
                    line.AskAt(_core.NowTicks, WakeCause.Followed);
                    line.Unanswered = Ask.Nothing;
                }

                next.TrySleepOn(line.AskAtTicks);
            }
        }
    }

    private Line Join(LockOperation waiter)
    {
        if (!_byKey.TryGetValue(waiter.Definition, out Line? line))
        {
            line = _unused.TryPop(out Line? unused) ? unused : AddLine();
            line.Begin(waiter.Definition);
            _byKey.Add(waiter.Definition, line);
            Volatile.Write(ref _lines, _byKey.Count);
        }
        else if (line.Head is null)
        {
            // Nobody noted, while nobody waited, what became of the lock that left with the latest one, and of the mark.
            line.HeldUntilTicks = 0;
            line.IsMarked = false;
        }

        line.Append(waiter);
        Volatile.Write(ref _waiters, _waiters + 1);
        return line;
    }

    private Line AddLine()
    {
        Line line = new(_all.Count, _core.Channels.Length);
        _all.Add(line);
        return line;
    }

    private sealed class KeyComparer : IEqualityComparer<MutexDefinition>
    {
        public static KeyComparer Instance { get; } = new();

        public bool Equals(MutexDefinition? one, MutexDefinition? other) => one is not null && other is not null && one.HasKeyOf(other);

        public int GetHashCode(MutexDefinition mutex) => mutex.KeyHash;
    }
}
