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
}
