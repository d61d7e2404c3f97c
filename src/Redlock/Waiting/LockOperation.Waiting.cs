using Redlock.Fast.Resp;

namespace Redlock.Fast;

// What a caller does that was refused: it sleeps in the line of its name, and asks again when it is woken or its time has come.
internal sealed partial class LockOperation
{
    // The longest due time that a timer takes.
    private static readonly TimeSpan _longestPause = TimeSpan.FromDays(24);

    // Nodes that refuse at once cost no time: without a pause, one caller would keep the timer thread busy.
    private static readonly TimeSpan _leastPauseInOutage = TimeSpan.FromMilliseconds(10);

    // Who does not ask itself would else use up all its tries in no time.
    private static readonly TimeSpan _leastPauseInLine = TimeSpan.FromMilliseconds(1);

    private readonly Pause _pause;
    private readonly long[] _leftMilliseconds;
    private CancellationTokenRegistration _disposal;
    private Patience _patience;
    private Exception? _delayFault;
    private long _attemptTicks;
    private long _delayUntilTicks;
    private long _waitUntilTicks;
    private int _tries;
    private int _splits;
    private bool _isTry;
    private bool _hasFindings;
    private bool _endsWithWait;

    /// <summary>The line that it stands in, or <c>null</c>. This and its neighbours are the line's business.</summary>
    public Line? Line { get; set; }

    public LockOperation? Before { get; set; }

    public LockOperation? Behind { get; set; }

    /// <summary>Whether it has asked the nodes at all.</summary>
    public bool HasAsked => _attempts > 0;

    /// <summary>
    /// Whether nodes refused its latest attempt at once without giving a vote, as in an outage: another one at once would end so too.
    /// </summary>
    public bool WasInVain => !HasWaited && !HasAnyVote();

    /// <summary>Whether nothing of it is under way: it sleeps, or did until it was told to leave.</summary>
    public bool IsAsleep { get; private set; }

    public LockStatus Status => _status;

    /// <summary>What each node said in its latest attempt.</summary>
    public ReadOnlySpan<NodeOutcome> LatestVotes => Outcomes;

    /// <summary>When it is woken whatever happens: at the end of its delay, or of its wait.</summary>
    public long DueTicks => Math.Min(_delayUntilTicks, _waitUntilTicks);

    /// <summary>How long it keeps what it takes, in the clock's ticks.</summary>
    public long HeldUntilTicks => _owner.DeadlineTicks + Mutex.ToTicks(Mutex.Expiry) - Mutex.ValidityTicks;

    protected override void Start(SettledBy by)
    {
        _tries = 1;
        _isTry = true;
        _waitUntilTicks = long.MaxValue;
        if (_patience.Wait != Timeout.InfiniteTimeSpan)
        {
            _startTicks = Nodes.NowTicks;
            _waitUntilTicks = _startTicks + Mutex.ToTicks(_patience.Wait);
        }

        if (_patience.Tries == 1 || !Nodes.Lines.MustBeJoined(Mutex))
        {
            RunRound(by);
            return;
        }

        _startTicks = Nodes.NowTicks;
        _status = LockStatus.Contended;
        ForgetOutcomes();
        WaitOn(by);
    }

    /// <summary>Sleeps until the time given, and not beyond; under the gate of the lines.</summary>
    /// <returns>False if its caller has cancelled, or the factory is disposed.</returns>
    public bool TrySleep(long untilTicks)
    {
        IsAsleep = TryPause(_pause, untilTicks);
        return IsAsleep;
    }

    /// <summary>
    /// Sleeps to another time; under the gate of the lines. One that does not sleep looks for itself when it is about to.
    /// </summary>
    /// <returns>Whether it sleeps.</returns>
    public bool TrySleepOn(long untilTicks) => TryPauseAnew(_pause, Math.Min(DueTicks, untilTicks));

    /// <summary>Ends its sleep; whoever succeeds goes on with it. Under the gate of the lines.</summary>
    public bool TryWake() => TryEndPause(pause: null);

    /// <summary>After an attempt that failed, or before any: sleeps, unless there is a reason not to.</summary>
    private void WaitOn(SettledBy by)
    {
        bool wasTry = _isTry;
        _isTry = false;
        if (IsCancelled || (wasTry && (_tries >= _patience.Tries || !TryDelay())) || Nodes.NowTicks >= _waitUntilTicks)
        {
            End(by);
        }
        else
        {
            Sleep(by);
        }
    }

    private void Sleep(SettledBy by)
    {
        if (Line is null)
        {
            BeginWait();
        }

        if (_disposal == default)
        {
            _disposal = Nodes.Disposal.UnsafeRegister(static state => ((LockOperation)state!).OnDisposed(), this);
        }

        Ask ask = Nodes.Lines.Sleep(this);
        if (ask is Ask.FirstNode or Ask.AllNodes)
        {
            AskNow(ask);
        }
        else if (ask == Ask.Never)
        {
            // Nobody contends for a lock whose factory is gone.
            _status = IsCancelled ? _status : LockStatus.Unavailable;
            _wait.NoteDisposed();
            End(by);
        }
    }

    private bool TryDelay()
    {
        try
        {
            _delayUntilTicks = Nodes.NowTicks + Mutex.ToTicks(NextPause());
            return true;
        }
        catch (Exception fault)
        {
            _delayFault = fault;
            return false;
        }
    }

    private TimeSpan NextPause()
    {
        // Callers that failed together must not return together.
        TimeSpan pause = Mutex.Options.DelayFunction is { } delay ? delay(_tries) : Mutex.Options.Delay * (0.5 + Nodes.Jitter.NextDouble());
        TimeSpan least = !HasAsked ? _leastPauseInLine : HasWaited || _status == LockStatus.Contended ? TimeSpan.Zero : _leastPauseInOutage;
        return pause < least ? least : pause > _longestPause ? _longestPause : pause;
    }

    private void OnPauseOver()
    {
        if (!TryEndPause(_pause))
        {
            if (_endsWithWait && TryGiveUp(_pause))
            {
                Settle(QuorumDecision.Undecided, SettledBy.Other);
            }

            return;
        }

        long now = Nodes.NowTicks;
        if (now >= _waitUntilTicks)
        {
            End(SettledBy.Other);
        }
        else if (now < _delayUntilTicks)
        {
            LookAgain();
        }
        else
        {
            _tries++;
            _isTry = true;
            if (Nodes.Lines.BeginTry(this))
            {
                AskNow(Ask.AllNodes);
            }
            else
            {
                WaitOn(SettledBy.Other);
            }
        }
    }

    // Woken for the line's sake: whoever is its head now asks, for an expiry has passed.
    private void LookAgain()
    {
        if (Nodes.Lines.BeginLook(this))
        {
            AskNow(Ask.FirstNode);
        }
        else
        {
            Sleep(SettledBy.Other);
        }
    }

    private void OnDisposed()
    {
        if (TryWake())
        {
            _wait.NoteDisposed();
            _status = LockStatus.Unavailable;
            End(SettledBy.Other);
        }
    }

    private void LeaveLine()
    {
        if (Line is not null)
        {
            Nodes.Lines.Leave(this);
            LockMetrics.Waits.NoteLeft();
        }
    }

    private void ForgetWaiting()
    {
        _patience = default;
        _delayFault = null;
        _tries = _splits = 0;
        _hasFindings = _endsWithWait = IsAsleep = false;
    }
}
