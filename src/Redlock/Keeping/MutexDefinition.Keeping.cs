namespace Redlock.Fast;

// What a mutex sends for a lock that is relied on already.
internal sealed partial class MutexDefinition
{
    /// <summary>What extends a lock by this mutex's expiry, or as long as it is relied on already if that is longer.</summary>
    /// <remarks>
    /// It is longer only where another mutex, whose expiry is, has extended it. A script leaves the longer time to live as it is; what
    /// stands in for it on a node without scripts sets what it is told.
    /// </remarks>
    /// <param name="deadlineTicks">Until when it is relied on; zero if that is not known.</param>
    /// <param name="nowTicks">The time.</param>
    public FrameTemplate ExtendFrameOf(long deadlineTicks, long nowTicks)
    {
        if (deadlineTicks - nowTicks <= ValidityTicks || IsFenced)
        {
            return ExtendFrame;
        }

        // As in MutexTimes: what the servers' clocks may run ahead meanwhile, and 2 ms.
        double left = (deadlineTicks - nowTicks) * 1000.0 / _clock.Time.TimestampFrequency;
        return FrameTemplate.Extend(_key, (long)Math.Ceiling(left * (1 + Options.Factor)) + 2);
    }
}
