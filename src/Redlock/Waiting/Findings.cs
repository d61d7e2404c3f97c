namespace Redlock.Fast;

/// <summary>What an attempt that was refused has found out.</summary>
/// <param name="Attempt">What it sent.</param>
/// <param name="AttemptTicks">When it began.</param>
/// <param name="RefusedBy">A bit for each node on which somebody else's lock stands, and so, if a mark was sent, the mark.</param>
/// <param name="OverTicks">When the lock is over unless it is extended; the end of time if that is not known.</param>
/// <param name="BackOffTicks">After a split, until when nobody asks again of his own accord; the end of time if there was none.</param>
/// <param name="Splits">How many there were in a row.</param>
internal readonly record struct Findings(Attempt Attempt, long AttemptTicks, uint RefusedBy, long OverTicks, long BackOffTicks, int Splits)
{
    /// <summary>When to ask again although nothing was heard.</summary>
    public long AskAgainTicks => Math.Min(OverTicks, BackOffTicks);
}
