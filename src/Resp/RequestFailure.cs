namespace Redlock.Fast.Resp;

/// <summary>Why a request got no reply.</summary>
public enum RequestFailure : byte
{
    /// <summary>It has not failed.</summary>
    None = 0,

    /// <summary>Not sent: there is no connection to the node at present.</summary>
    NotConnected,

    /// <summary>
    /// Not sent: the node refuses this client (authentication, database, protected mode); trying again soon will not help.
    /// </summary>
    Misconfigured,

    /// <summary>Not sent: the node's queue is full.</summary>
    QueueFull,

    /// <summary>Not sent: the node has let an earlier request time out and has answered nothing since.</summary>
    Silent,

    /// <summary>Not sent: the connection that it had to follow is gone.</summary>
    ConnectionChanged,

    /// <summary>Not sent: its time limit passed, or was about to, while it waited for others to be answered.</summary>
    TimedOutUnsent,

    /// <summary>Not sent: what it undoes had not been sent either, and was taken back; of that one this is the failure too.</summary>
    Withdrawn,

    /// <summary>Not sent, or cut off: the channel was disposed.</summary>
    Disposed,

    /// <summary>No reply within the time limit; the node may have executed it.</summary>
    TimedOut,

    /// <summary>The connection ended before the reply; the node may have executed it.</summary>
    ConnectionLost,
}
