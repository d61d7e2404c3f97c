namespace Redlock.Fast.Simulation;

/// <summary>What holds after every event.</summary>
internal enum Invariant
{
    None = 0,

    /// <summary>Two owners never rely on one name at the same time.</summary>
    Exclusion,

    /// <summary>A deadline is no later than the end of what a quorum of nodes keeps for this owner.</summary>
    DeadlineIsBacked,

    /// <summary>Nothing is handed over with no time left.</summary>
    NothingDeadIsHandedOver,

    /// <summary>What was lost is never held again.</summary>
    LostIsLost,

    /// <summary>After a release or a failure no unbroken connection leaves a key behind.</summary>
    NothingLeftBehind,

    /// <summary>What was told to be released is gone from a quorum.</summary>
    ReleasedIsGone,

    /// <summary>A call ends, and throws nothing but what it says.</summary>
    CallsEnd,

    /// <summary>Once everything is well, the first attempt succeeds.</summary>
    Recovers,

    /// <summary>A head asks at the end of its delay at the latest.</summary>
    NobodyIsForgotten,

    /// <summary>In a healthy world somebody who waits asks at once for what became free.</summary>
    FreeIsAskedFor,

    /// <summary>In a healthy world a lock costs a few frames, however many wait.</summary>
    AskingIsBounded,

    /// <summary>In a healthy world no process keeps a lock for itself while others wait.</summary>
    NobodyStarves,

    /// <summary>Of the callers of one client that wait for one name, whoever came first is served first.</summary>
    FirstComeFirstServed,

    /// <summary>A call that waits for a time ends when it is over, and what it is in the middle of with it.</summary>
    WaitsAreBounded,

    /// <summary>A node that can be dialed is dialed within its back-off, whoever calls or not.</summary>
    NodesAreDialed,

    /// <summary>Who waits for a node is told once, by the time limit.</summary>
    EverybodyIsToldOnce,

    /// <summary>What was told not to have been sent is not sent.</summary>
    UnsentIsUnsent,

    /// <summary>What is sent is whole frames, as they were taken, and in the order in which they were.</summary>
    FramesAreInOrder,

    /// <summary>What somebody is told is what the node said to his very request.</summary>
    RepliesAreOnes,

    /// <summary>No request goes out before the whole handshake has been answered.</summary>
    HandshakeComesFirst,

    /// <summary>A connection on which nothing comes is given up.</summary>
    SilenceEnds,

    /// <summary>What was taken can be undone, however full the queue is.</summary>
    UndoingFindsRoom,

    /// <summary>In the order in which a name is granted, fencing tokens grow; no holding has two.</summary>
    FencingTokensGrow,

    /// <summary>A quorum that keeps his key has counted to the fencing token of whoever is handed the lock.</summary>
    FencingTokenIsBacked,

    /// <summary>In a healthy world a lock that is kept is not lost, however much is asked.</summary>
    KeptIsNotLost,

    /// <summary>In a healthy world a login is renewed before it ends.</summary>
    LoginsAreRenewed,

    /// <summary>One seed is one history.</summary>
    IsDeterministic,

    /// <summary>Nothing asks for the same moment again and again.</summary>
    TimePasses,
}

/// <summary>An invariant that did not hold.</summary>
internal sealed record Violation(Invariant Invariant, long Time, string Text)
{
    public override string ToString() => $"{Invariant} at {Time / 1e6:0.000} ms: {Text}";
}
