namespace Redlock.Fast;

/// <summary>Why the head of a line asks the nodes again. The names are those of the figures.</summary>
internal enum WakeCause : byte
{
    None = 0,

    /// <summary>A release was heard, of this factory or of another.</summary>
    Released,

    /// <summary>The lock that it met is over, unless it was extended.</summary>
    Expired,

    /// <summary>Its delay has passed: nothing else woke it.</summary>
    DelayPassed,

    /// <summary>The node tells releases now, for the first time or again; or it refuses to, so another one is tried.</summary>
    Subscribed,

    /// <summary>It has stepped back for long enough from others whom it met, or from a succession that was undone.</summary>
    BackedOff,

    /// <summary>Whoever stood before it has left, and had begun something or was woken.</summary>
    Followed,

    /// <summary>Others, elsewhere, had the time to go first.</summary>
    Yielded,
}
