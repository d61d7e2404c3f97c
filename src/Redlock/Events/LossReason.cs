namespace Redlock.Fast;

/// <summary>Why a lock was lost while it was kept alive or watched.</summary>
public enum LossReason : byte
{
    /// <summary>Its deadline came before a renewal succeeded, or nobody renewed it.</summary>
    DeadlinePassed = 0,

    /// <summary>A quorum of nodes no longer holds this owner id: another owner's is there, or nothing is.</summary>
    Refused,

    /// <summary>It was renewed for as long as it may be, and then ran out.</summary>
    HeldTooLong,

    /// <summary>The factory stopped, and gave it up.</summary>
    Stopped,
}
