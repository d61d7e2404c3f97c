namespace Redlock.Fast.Resp;

/// <summary>What a thread has to do for others while the code that asks runs on it.</summary>
public enum RespThreadRole : byte
{
    /// <summary>Nothing: it may block.</summary>
    None = 0,

    /// <summary>It dials a node or reads its replies: everybody who waits for that node waits for it.</summary>
    Node,

    /// <summary>A caller's thread, which blocks for a reply and reads everybody's until its own has come.</summary>
    Caller,

    /// <summary>It fires the timers of <see cref="MonotonicTime"/>: all time limits of the process wait for it.</summary>
    Timers,
}
