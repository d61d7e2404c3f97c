using System.Runtime.InteropServices;

namespace Redlock.Fast.Resp;

// CLOCK_BOOTTIME of Linux: monotonic nanoseconds since boot, the time spent suspended included.
internal static unsafe partial class BootClock
{
    public const long TicksPerSecond = 1_000_000_000;

    private const int ClockBootTime = 7;

    /// <summary>Whether this system has the clock; asked once, for a process must not change clocks midway.</summary>
    public static bool IsAvailable { get; } = Probe();

    public static long Nanoseconds
    {
        get
        {
            TimeSpec now;
            _ = GetTime(ClockBootTime, &now);
            return (now.Seconds * TicksPerSecond) + now.Nanoseconds;
        }
    }

    private static bool Probe()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            TimeSpec now;
            return GetTime(ClockBootTime, &now) == 0;
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    // Some tens of nanoseconds in the vDSO, never blocking: short enough to go without the switch to preemptive mode.
    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [SuppressGCTransition]
    private static partial int GetTime(int clock, TimeSpec* time);

    // Both fields are of the machine's word size in the ABI of this symbol, on 32 bits too.
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
