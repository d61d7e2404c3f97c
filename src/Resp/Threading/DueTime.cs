namespace Redlock.Fast.Resp;

/// <summary>What a timer is set to for a moment on its clock.</summary>
internal static class DueTime
{
    // Within what every timer takes; whoever waits longer is woken on the way, and looks again.
    private static readonly TimeSpan _longest = TimeSpan.FromDays(24);

    /// <summary>No longer than a timer takes.</summary>
    public static TimeSpan Within(TimeSpan due) => due < _longest ? due : _longest;

    /// <summary>
    /// The time left, rounded up, less than a tick too: a timer that fires early would find nothing due, and be set anew for the same
    /// moment.
    /// </summary>
    public static TimeSpan Until(long dueTicks, long nowTicks, TimeProvider time)
    {
        if (dueTicks <= nowTicks)
        {
            return TimeSpan.Zero;
        }

        TimeSpan left = time.GetElapsedTime(nowTicks, dueTicks);
        return left < _longest ? left + TimeSpan.FromTicks(1) : _longest;
    }
}
