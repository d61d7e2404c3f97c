using System.Diagnostics;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>
/// One held lock that is renewed or watched. Pooled; all of it belongs to <see cref="KeptLocks"/> and changes under its gate.
/// </summary>
/// <param name="time">The clock of its timer.</param>
/// <param name="ring">Called outside the gate when it may be due, also in a later use than the one that set the timer.</param>
internal sealed class KeptLock(TimeProvider time, Action<KeptLock> ring)
{
    // What a timer may be late by, and a moment for whoever is told.
    private static readonly TimeSpan _longestMargin = TimeSpan.FromMilliseconds(2);

    // A lease of a few milliseconds must not be eaten up by the margin.
    private const int LeastShareOfMargin = 4;

    // The timers are no finer, and the slowest node, which no renewal waits for, must not be asked without end.
    private static readonly TimeSpan _shortestPeriod = TimeSpan.FromMilliseconds(1);

    // Often enough to catch a node's return before the deadline, seldom enough not to hammer one that is away.
    private const int RetriesAValidity = 20;

    private ITimer? _timer;
    private long _setForTicks = long.MaxValue;
    private long _renewAtTicks;
    private long _stopAtTicks;
    private long _periodTicks;
    private long _askedUntilTicks;
    private long _grantedTicks;
    private bool _isAnswerDue;

    public enum RenewalPhase : byte
    {
        /// <summary>It is only watched, or has been renewed for as long as it may be.</summary>
        None = 0,

        /// <summary>The next renewal is set for a moment.</summary>
        Waiting,

        /// <summary>The nodes have been asked.</summary>
        Asking,
    }

    /// <summary>Whether it stands for a lock now.</summary>
    public bool IsInUse => Mutex is not null;

    public MutexDefinition Mutex { get; private set; } = null!;

    /// <summary>The owner with the newest deadline known.</summary>
    public LockToken Token { get; private set; }

    public RenewalPhase Phase { get; private set; }

    public bool IsLost { get; private set; }

    /// <summary>Made when somebody asks for it.</summary>
    public LossSource? Loss { get; set; }

    /// <summary>When the lock counts as lost unless it is renewed before: a little ahead of its deadline.</summary>
    public long LossTicks { get; private set; }

    /// <summary>Since when it is held, as far as is known.</summary>
    public long SinceTicks { get; private set; }

    /// <summary>When this needs attention next.</summary>
    public long DueTicks { get; private set; }

    /// <summary>
    /// Whether an operation was made for it, in this use or an earlier one: all that are kept may have to be renewed at once.
    /// </summary>
    public bool HasOperation { get; set; }

    public void Begin(MutexDefinition mutex, LockToken token, long nowTicks)
    {
        Debug.Assert(!IsInUse, "one lock at a time");
        Mutex = mutex;
        _stopAtTicks = _grantedTicks = long.MinValue;
        SinceTicks = token.DeadlineTicks != 0 ? token.DeadlineTicks - mutex.ValidityTicks : nowTicks;
        Move(token, token.DeadlineTicks != 0 ? token.DeadlineTicks : nowTicks + mutex.ValidityTicks);
    }

    public void Renew(RenewOptions options, long nowTicks)
    {
        long shortest = Math.Min(Mutex.ToTicks(_shortestPeriod), Mutex.ValidityTicks / 2);
        _periodTicks = Math.Max(Math.Max(1, shortest), (long)(Mutex.ValidityTicks * options.Fraction));
        _stopAtTicks = options.MaxHoldTime == Timeout.InfiniteTimeSpan ? long.MaxValue : nowTicks + Mutex.ToTicks(options.MaxHoldTime);
        if (Phase != RenewalPhase.Asking)
        {
            // A token made from text knows no deadline: the nodes are asked at once.
            WaitUntil(Token.DeadlineTicks == 0 ? nowTicks : Token.DeadlineTicks - Mutex.ValidityTicks + _periodTicks);
        }
    }

    /// <summary>An extension has ended, and the lock is not lost by it.</summary>
    public void EndExtension(LockToken token, ExtendStatus status, ExtensionBy extension, long askedTicks, long nowTicks)
    {
        _isAnswerDue &= extension != ExtensionBy.Renewal;
        bool isAnswer = extension != ExtensionBy.Caller && Phase == RenewalPhase.Asking;
        if (status == ExtendStatus.Extended)
        {
            _grantedTicks = Math.Max(_grantedTicks, askedTicks);
            Phase = isAnswer ? RenewalPhase.Waiting : Phase;
            token.ExtendCopies();

            // Two extensions may come back in either order.
            Extend(Math.Max(token.DeadlineTicks, Token.DeadlineTicks));
        }
        else if (isAnswer)
        {
            AskAgain(nowTicks);
        }
    }

    /// <summary>The nodes are asked now.</summary>
    /// <returns>
    /// For how long they may answer: one renewal at a time is waited for to the end, as those behind it are answered no sooner.
    /// </returns>
    public ExtensionBy Ask(long nowTicks)
    {
        ExtensionBy renewal = _isAnswerDue ? ExtensionBy.RepeatedRenewal : ExtensionBy.Renewal;
        _isAnswerDue = true;
        Phase = RenewalPhase.Asking;
        _askedUntilTicks = nowTicks + Mutex.NodeLimitTicks;
        DueTicks = Math.Min(LossTicks, _askedUntilTicks);
        return renewal;
    }

    /// <summary>The nodes are asked again soon; what they still say to an earlier renewal counts.</summary>
    public void AskAgain(long nowTicks) =>
        WaitUntil(nowTicks + Math.Max(1, Math.Min(_periodTicks, Mutex.ValidityTicks / RetriesAValidity)));

    public void StopRenewal()
    {
        Phase = RenewalPhase.None;
        DueTicks = LossTicks;
    }

    /// <summary>Whether the time for renewals is over.</summary>
    public bool MayNotRenew(long nowTicks) => nowTicks >= _stopAtTicks;

    /// <summary>
    /// Whether an extension was granted that was asked for later than this: a node that had not the key then may have been healed since.
    /// </summary>
    public bool HasGrantedSince(long askedTicks) => askedTicks < _grantedTicks;

    public LossReason ReasonNow(long nowTicks) =>
        _stopAtTicks != long.MinValue && MayNotRenew(nowTicks) ? LossReason.HeldTooLong : LossReason.DeadlinePassed;

    public void Lose(LossReason reason)
    {
        IsLost = true;
        Token.Lose();
        Loss?.Reason = reason;
        Phase = RenewalPhase.None;

        // Every token given for it must be past before it is forgotten; one made from text never is, but an extension of it that is under
        // way ends.
        DueTicks = Token.DeadlineTicks == 0 ? LossTicks + Mutex.ValidityTicks : Math.Max(Token.DeadlineTicks, LossTicks);
    }

    public void End()
    {
        Debug.Assert(IsInUse, "ended once");
        Mutex = null!;
        Token = default;
        Loss = null;
        IsLost = false;
        _isAnswerDue = false;
        Phase = RenewalPhase.None;
    }

    /// <summary>Has it ring when it is due, unless it rings before.</summary>
    public void SetTimer(long nowTicks)
    {
        AssertInvariants();
        if (DueTicks < _setForTicks)
        {
            _setForTicks = DueTicks;
            _timer ??= WithoutContext.CreateTimer(time, static state => ((KeptLock)state!).Ring(), this);
            _timer.Change(DueTime.Until(DueTicks, nowTicks, time), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>It has rung, and has to be set again.</summary>
    public void ClearTimer() => _setForTicks = long.MaxValue;

    /// <summary>It is not used again.</summary>
    public void DropTimer() => _timer?.Dispose();

    /// <summary>
    /// It is held for longer. The token stays its own: that of an extension may have been given up meanwhile, and another have taken its
    /// place.
    /// </summary>
    public void Extend(long deadlineTicks)
    {
        Move(Token.Until(deadlineTicks), deadlineTicks);
        Token.ExtendCopies();
        if (Phase == RenewalPhase.Waiting)
        {
            WaitUntil(deadlineTicks - Mutex.ValidityTicks + _periodTicks);
        }
        else if (Phase == RenewalPhase.Asking)
        {
            DueTicks = Math.Min(LossTicks, _askedUntilTicks);
        }
    }

    private void Ring() => ring(this);

    private void Move(LockToken token, long deadlineTicks)
    {
        Token = token;
        LossTicks = deadlineTicks - Math.Min(Mutex.ToTicks(_longestMargin), Mutex.ValidityTicks / LeastShareOfMargin);
        DueTicks = LossTicks;
    }

    private void WaitUntil(long ticks)
    {
        Phase = RenewalPhase.Waiting;
        _renewAtTicks = ticks;
        DueTicks = Math.Min(_renewAtTicks, LossTicks);
    }

    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        Debug.Assert(IsInUse, "what is due belongs to a lock");
        Debug.Assert(IsLost || DueTicks <= LossTicks, "no loss is slept through");
        Debug.Assert(Phase != RenewalPhase.Asking || DueTicks <= _askedUntilTicks, "no renewal is waited for without end");
        Debug.Assert(!IsLost || Phase == RenewalPhase.None, "what is lost is not renewed");
    }
}
