using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>A stretch of time.</summary>
/// <param name="StartTicks">Its beginning.</param>
/// <param name="EndTicks">Its end.</param>
internal readonly record struct Stretch(long StartTicks, long EndTicks)
{
    public TimeSpan Length => MonotonicTime.Shared.GetElapsedTime(StartTicks, EndTicks);

    /// <summary>Zero if the end is not behind the start.</summary>
    public static TimeSpan Between(long startTicks, long endTicks) =>
        endTicks <= startTicks ? TimeSpan.Zero : MonotonicTime.Shared.GetElapsedTime(startTicks, endTicks);

    public TimeSpan Common(long startTicks, long endTicks) =>
        Between(Math.Max(StartTicks, startTicks), Math.Min(EndTicks, endTicks));
}
