using System.Diagnostics;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>
/// All callers of a factory that wait for one key, first come first served. Guarded by the gate of <see cref="Lines"/>, and used again.
/// </summary>
internal sealed class Line(int number, int nodes)
{
    // A wake that is not a server's whim: a name that is held for 50 us each time, over a delay of half a second.
    private const int MostWakesATry = 10_000;

    // By then it backs off for as long as it ever does, and meets nobody twice who is only on his way.
    private const int MostRaces = 6;

    private readonly NodeOutcome[] _outcomes = new NodeOutcome[nodes];
    private long _backOffTicks;
    private int _firstNode;
    private int _moves;
    private int _wakes;

    /// <summary>Its place among the lines, which never changes.</summary>
    public int Number { get; } = number;

    /// <summary>Tells its subscriptions apart: what comes of an older one misses.</summary>
    public int Epoch { get; private set; }

    /// <summary>Whose key it is; <c>null</c> while the line is not in use.</summary>
    public MutexDefinition? Mutex { get; private set; }

    /// <summary>The only one that asks the nodes.</summary>
    public LockOperation? Head { get; private set; }

    public LockOperation? Tail { get; private set; }

    public LineStage Stage { get; set; }

    public RespSubscription Subscription { get; set; }

    /// <summary>On which node it is subscribed, or about to be.</summary>
    public int SubscribedNode { get; set; }

    /// <summary>The node whose releases wake it, and that it asks first.</summary>
    public int SleepNode { get; private set; }

    /// <summary>When the head asks again although nothing was heard: the expiry of what it met, most often.</summary>
    public long AskAtTicks { get; private set; }

    /// <summary>What the head wakes for then.</summary>
    public WakeCause AskCause { get; private set; }

    /// <summary>Until when the lock is one that left this line with it, which comes back by succession: nobody need be asked.</summary>
    public long HeldUntilTicks { get; set; }

    /// <summary>Since when it hears.</summary>
    public long HearingSinceTicks { get; set; }

    /// <summary>Whether the node on which it sleeps knows that somebody waits, or could not be told so.</summary>
    public bool IsMarked { get; set; }

    /// <summary>What was heard while the head was asking: it asks again before it sleeps.</summary>
    public Ask Unanswered { get; set; }

    /// <summary>What that was, if anything.</summary>
    public WakeCause UnansweredCause { get; set; }

    /// <summary>Since when nobody stands in it.</summary>
    public long EmptySinceTicks { get; set; }

    /// <summary>Whether it is among those that are looked at some time after they became empty.</summary>
    public bool IsAwaitingSweep { get; set; }

    public void Begin(MutexDefinition mutex)
    {
        Debug.Assert(Head is null && Tail is null && Mutex is null, "a line that begins is empty");
        Mutex = mutex;
        _firstNode = SleepNode = (int)((uint)mutex.KeyHash % (uint)nodes);
        AskAt(long.MaxValue, WakeCause.None);
        HeldUntilTicks = 0;
        _backOffTicks = long.MaxValue;
        Unanswered = Ask.Nothing;
        _moves = _wakes = 0;
        HasVerdict = IsMarked = false;
    }

    public void End()
    {
        Debug.Assert(Head is null && Stage == LineStage.Deaf, "a line that ends is empty, and hears nothing");
        Mutex = null;
    }

    /// <summary>Whether a head has asked all nodes, so that there is something to tell those who leave.</summary>
    public bool HasVerdict { get; private set; }

    /// <summary>What the latest attempt over all nodes came to.</summary>
    public LockStatus Verdict { get; private set; }

    /// <summary>What each node said in it.</summary>
    public ReadOnlySpan<NodeOutcome> Outcomes => _outcomes;

    public void Append(LockOperation waiter)
    {
        waiter.Line = this;
        waiter.Before = Tail;
        waiter.Behind = null;
        Tail?.Behind = waiter;
        Tail = waiter;
        Head ??= waiter;
    }

    public void Remove(LockOperation waiter)
    {
        Debug.Assert(waiter.Line == this, "only who stands in a line leaves it");
        if (waiter.Before is { } before)
        {
            before.Behind = waiter.Behind;
        }
        else
        {
            Head = waiter.Behind;
            ForgetWakes();
        }

        if (waiter.Behind is { } behind)
        {
            behind.Before = waiter.Before;
        }
        else
        {
            Tail = waiter.Before;
        }

        waiter.Line = null;
        waiter.Before = waiter.Behind = null;
    }

    /// <summary>Sets when the head asks again although nothing was heard.</summary>
    public void AskAt(long ticks, WakeCause cause) => (AskAtTicks, AskCause) = (ticks, cause);

    /// <summary>Takes in what the head's latest attempt has found.</summary>
    /// <param name="findings">What it found.</param>
    /// <param name="status">What it came to.</param>
    /// <param name="outcomes">What each node said.</param>
    /// <returns>Whether the line sleeps on another node from now on.</returns>
    public bool Note(in Findings findings, LockStatus status, ReadOnlySpan<NodeOutcome> outcomes)
    {
        _backOffTicks = findings.BackOffTicks;

        // SET is not told how long the lock lasts; who left the mark before was.
        if (findings.Attempt != Attempt.Set || !IsMarked || findings.AskAgainTicks < AskAtTicks)
        {
            AskAt(findings.AskAgainTicks, findings.BackOffTicks < findings.OverTicks ? WakeCause.BackedOff : WakeCause.Expired);
        }

        if (findings.Attempt != Attempt.TakeFirst)
        {
            NoteVerdict(status, outcomes);
            _moves = findings.Attempt == Attempt.Set ? _moves : 0;
        }

        if (findings.Attempt == Attempt.Set)
        {
            return false;
        }

        if (SleepNode != _firstNode && (findings.RefusedBy & (1u << _firstNode)) != 0)
        {
            SleepNode = _firstNode;
            IsMarked = false;
            return true;
        }

        if ((findings.RefusedBy & (1u << SleepNode)) == 0)
        {
            // What still stands there after so many is a key that is left: it is slept on until it expires.
            bool lostRace = findings.Splits <= MostRaces && HasLostRace(findings.RefusedBy);
            if (findings.RefusedBy != 0 && !lostRace && TryMove(findings.RefusedBy))
            {
                return true;
            }

            if (findings.Attempt == Attempt.TakeFirst)
            {
                return false;
            }
        }

        // Nodes that take no mark now, full ones say, are not asked again and again until they do.
        IsMarked = Stage == LineStage.Hearing && findings.AttemptTicks >= HearingSinceTicks;
        return false;
    }

    /// <summary>
    /// Whether others were met on their way: where all nodes make the quorum, nobody holds the lock without the node that all ask first.
    /// </summary>
    public bool HasLostRace(uint refusedBy) => Mutex!.Quorum == nodes && refusedBy != 0 && (refusedBy & (1u << SleepNode)) == 0;

    /// <summary>Whether the head met others, and asks no sooner than its back-off ends; a wake ends it.</summary>
    public bool IsBackingOff(long nowTicks) => _backOffTicks != long.MaxValue && _backOffTicks > nowTicks;

    /// <summary>Takes in what the latest attempt over all nodes came to.</summary>
    public void NoteVerdict(LockStatus status, ReadOnlySpan<NodeOutcome> outcomes)
    {
        HasVerdict = true;
        Verdict = status;
        outcomes.CopyTo(_outcomes);
    }

    /// <summary>Whether one more wake is answered; what is beyond waits for the head's delay.</summary>
    public bool TryCountWake()
    {
        ForgetMoves();
        return _wakes++ < MostWakesATry;
    }

    /// <summary>A try begins, or another head, if only later: a line lives on for a while when it is empty.</summary>
    public void ForgetWakes() => _wakes = 0;

    /// <summary>Somebody has released it or taken it, or the head has slept: who holds it next may stand on other nodes.</summary>
    public void ForgetMoves()
    {
        _moves = 0;
        _backOffTicks = long.MaxValue;
    }

    /// <summary>
    /// Sleeps on the next node from now on, one that has refused if there is any; not without end before somebody else has it.
    /// </summary>
    public bool TryMove(uint refusedBy)
    {
        if (_moves == nodes - 1)
        {
            return false;
        }

        int next = SleepNode;
        do
        {
            next = (next + 1) % nodes;
        }
        while (refusedBy != 0 && (refusedBy & (1u << next)) == 0 && next != SleepNode);

        _moves++;
        SleepNode = next;
        IsMarked = false;
        return true;
    }

    /// <summary>What comes of older subscriptions misses from now on.</summary>
    public void BeginEpoch()
    {
        Epoch++;
        IsMarked = false;
    }
}
