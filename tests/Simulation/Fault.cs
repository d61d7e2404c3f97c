namespace Redlock.Fast.Simulation;

/// <summary>What can go wrong in a run; each is drawn for half of the seeds.</summary>
[Flags]
internal enum Fault : long
{
    None = 0,

    /// <summary>Some messages take up to 1.2 times the expiry.</summary>
    Latency = 1,

    /// <summary>Connections break; what was under way may still arrive, late.</summary>
    Resets = 2,

    /// <summary>A node does nothing for up to 1.5 times the expiry.</summary>
    Stalls = 4,

    /// <summary>A client, or only its callers, do nothing for up to twice the expiry.</summary>
    Pauses = 8,

    /// <summary>Clocks run at different rates, within the drift allowance.</summary>
    Clocks = 16,

    /// <summary>Nodes answer with errors, or do what was asked and answer nonsense.</summary>
    Errors = 32,

    /// <summary>Nodes forget their scripts.</summary>
    ScriptFlush = 64,

    /// <summary>Callers cancel, at any moment and also while frames go out.</summary>
    Cancellation = 128,

    /// <summary>A client is disposed in the middle of its work.</summary>
    Dispose = 256,

    /// <summary>A connection carries nothing any more, and nobody is told.</summary>
    Silence = 512,

    /// <summary>The queues of the nodes have room for a few requests only.</summary>
    SmallQueues = 1024,

    /// <summary>Replies come before the sending call has returned.</summary>
    EagerReplies = 2048,

    /// <summary>A handler is told one reply twice.</summary>
    Duplicates = 4096,

    /// <summary>Requests wait before they are handed over: they go out late, or time out unsent, or are taken back.</summary>
    Crowding = 8192,

    /// <summary>What a run may be drawn from: all that the promise of exclusion covers.</summary>
    Model = ((Crowding * 2) - 1) | LostWakes | SubscriberResets | RefusedChannels | Strangers
        | RestartWithData | WallClocks,

    /// <summary>A node that lost its keys stays away for longer than any of them would have lived.</summary>
    RestartLate = 16384,

    /// <summary>A node loses its keys and is back at once. Outside of what can be promised.</summary>
    RestartAtOnce = 32768,

    /// <summary>The same, while the clients believe no server that has been up for less than the expiry: exclusion holds.</summary>
    RestartInQuarantine = 1L << 38,

    /// <summary>The clock of a node leaps forward. Outside of what can be promised.</summary>
    ClockStep = 65536,

    /// <summary>What must go behind a request travels on a connection of its own. A channel that breaks its contract.</summary>
    LooseOrder = 131072,

    /// <summary>What is published is dropped by nodes now and then.</summary>
    LostWakes = 262144,

    /// <summary>The connections that hear what is published break.</summary>
    SubscriberResets = 524288,

    /// <summary>Some nodes refuse to be listened to, and some to publish. Does not heal.</summary>
    RefusedChannels = 1048576,

    /// <summary>Somebody locks the same names who knows nothing of waiters.</summary>
    Strangers = 2097152,

    /// <summary>A node grants a succession whoever has the key. A script that forgets to compare.</summary>
    BlindSuccession = 4194304,

    /// <summary>What withdraws an attempt deletes the mark too, and tells nobody. A script that deletes too much.</summary>
    WithdrawnMarks = 8388608,

    /// <summary>Bytes come and go in pieces that end anywhere.</summary>
    Pieces = 1 << 24,

    /// <summary>A transport takes what is written bit by bit, or stops taking it.</summary>
    SlowWrites = 1 << 25,

    /// <summary>Dials are refused, or hang, or succeed when nobody waits for them any more.</summary>
    Dials = 1 << 26,

    /// <summary>Nodes hang up, behind any byte of what they say.</summary>
    HangUps = 1 << 27,

    /// <summary>Nodes let nobody in for a while: wrong passwords, loading, too many clients.</summary>
    Logins = 1 << 28,

    /// <summary>Some nodes do not know all commands that run scripts. Does not heal.</summary>
    ScriptRefusals = 1 << 29,

    /// <summary>Links carry nothing for a while, and then go on or break.</summary>
    Lossy = 1 << 30,

    /// <summary>Clients send many requests at once that are about no lock.</summary>
    Bursts = 1L << 31,

    /// <summary>Logins end, and nodes hang up then; credentials come late, ended or not at all, and are refused at renewals.</summary>
    ExpiringLogins = 1L << 37,

    /// <summary>What a run through bytes may be drawn from besides.</summary>
    ModelOfBytes = Pieces | SlowWrites | Dials | HangUps | Logins | ScriptRefusals | Lossy | Bursts | ExpiringLogins,

    /// <summary>A node goes down, and comes back with its keys.</summary>
    RestartWithData = 1L << 36,

    /// <summary>The wall clocks of clients differ by minutes, and leap.</summary>
    WallClocks = 1L << 32,

    /// <summary>A node raises its counter, and says so, whoever has the key. A script that forgets to compare.</summary>
    BlindRaise = 1L << 33,

    /// <summary>A node hands a key on without counting. A script that forgets to.</summary>
    UncountedSuccession = 1L << 34,

    /// <summary>A node believes what is proposed, though it has counted further. A script that forgets to compare.</summary>
    LoweredCounter = 1L << 35,
}
