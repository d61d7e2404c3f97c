namespace Redlock.Fast;

/// <summary>The one place that reads the clock.</summary>
internal sealed class QuorumClock(TimeProvider time)
{
    public TimeProvider Time => time;

    public long NowTicks => time.GetTimestamp();

    /// <summary>What people's clocks show, on which nothing rests but speed.</summary>
    public DateTimeOffset UtcNow => time.GetUtcNow();

    /// <summary>Whether a deadline is known and over.</summary>
    public bool IsPast(long deadlineTicks) => deadlineTicks != 0 && deadlineTicks <= NowTicks;
}
