namespace Redlock.Fast;

/// <summary>Why a node gave no vote, for code that decides by it.</summary>
public enum NodeCause : byte
{
    /// <summary>It voted, or nobody had to wait for it.</summary>
    None = 0,

    /// <summary>No reply within the time limit, or none to anything since it let an earlier request time out.</summary>
    Unanswered,

    /// <summary>There is no connection at present, so nothing was sent; it is dialed again.</summary>
    NotConnected,

    /// <summary>There is none because the node refuses this client: a wrong password, protected mode. A person has to mend that.</summary>
    ConnectionRefused,

    /// <summary>The connection ended before the reply; the node may have done what was asked.</summary>
    ConnectionLost,

    /// <summary>Refused by the queue of this process: the node answers more slowly than it is asked.</summary>
    QueueFull,

    /// <summary>It was not sent in time, as too much was waiting for its answers before it, or was taken back.</summary>
    Unsent,

    /// <summary>The node answered with an error, see <see cref="NodeOutcome.ErrorCode"/>.</summary>
    ErrorReply,

    /// <summary>The node answered with something that is no vote: it may be no Redis server.</summary>
    UnexpectedReply,

    /// <summary>The factory, or the node's connection, was disposed.</summary>
    Disposed,

    /// <summary>Its server is that of another node of the factory, which votes for both. A person has to mend that.</summary>
    Twin,

    /// <summary>Its server has restarted too recently, see <see cref="RedlockOptions.RestartQuarantine"/>. It passes by itself.</summary>
    Quarantined,
}
