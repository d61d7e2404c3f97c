using Redlock.Fast.Resp;

namespace Redlock.Fast.Torture;

/// <summary>A stretch of time.</summary>
/// <param name="StartTicks">Its beginning.</param>
/// <param name="EndTicks">Its end.</param>
internal readonly record struct Stretch(long StartTicks, long EndTicks)
{
    public TimeSpan Length => MonotonicTime.Shared.GetElapsedTime(StartTicks, EndTicks);
}
