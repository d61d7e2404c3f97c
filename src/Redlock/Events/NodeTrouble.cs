namespace Redlock.Fast;

/// <summary>Why a node that is connected gives no vote.</summary>
public enum NodeTrouble : byte
{
    /// <summary>It does not answer within the time limit, or has answered nothing since it let a request time out.</summary>
    Unanswered = 0,

    /// <summary>The queue of this process is full: the node answers more slowly than it is asked.</summary>
    Overasked,

    /// <summary>It answers with an error.</summary>
    Refused,

    /// <summary>It lets nobody subscribe, or publish: whoever waits asks it from time to time.</summary>
    WakesRefused,

    /// <summary>
    /// It leads to the same server as another node of the factory: its votes do not count, as a server has one. A person has to mend that.
    /// </summary>
    Twin,

    /// <summary>
    /// Its server has been up for less than <see cref="RedlockOptions.RestartQuarantine"/>: it gives no locks until then.
    /// </summary>
    Quarantined,
}
