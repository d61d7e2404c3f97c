using System.Diagnostics;

namespace Redlock.Fast.Resp;

/// <summary>Durations on the scale of a clock.</summary>
internal static class ClockTicks
{
    /// <summary>A duration in the clock's own ticks.</summary>
    public static long Of(TimeProvider time, TimeSpan duration)
    {
        Debug.Assert(duration >= TimeSpan.Zero, "durations here are limits");
        return (long)(duration.TotalSeconds * time.TimestampFrequency);
    }
}
