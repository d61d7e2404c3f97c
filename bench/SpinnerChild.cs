using System.Runtime.InteropServices;

namespace Redlock.Fast.Bench;

/// <summary>A process that keeps every core awake, and gives way to whatever else wants to run there.</summary>
/// <remarks>A process of its own: threads that hardly ever run would hold up the garbage collector of the one that is measured.</remarks>
internal static class SpinnerChild
{
    private const int IdlePolicy = 5;
    private const int LowestNiceness = 19;
    private const int OfAThread = 0;

    // Whoever started it may be gone without having told it.
    private static readonly TimeSpan _longestLife = TimeSpan.FromMinutes(10);

    /// <summary>Says with which priority it spins, and does so until its input ends.</summary>
    public static int Run()
    {
        using Timer end = new(_ => Environment.Exit(3), null, _longestLife, Timeout.InfiniteTimeSpan);
        string[] priorities = new string[Environment.ProcessorCount];
        using CountdownEvent spinning = new(priorities.Length);
        for (int core = 0; core < priorities.Length; core++)
        {
            int own = core;
            Thread spinner = new(() =>
            {
                priorities[own] = GiveWay();
                spinning.Signal();
                while (true)
                {
                    Thread.SpinWait(1000);
                }
            })
            {
                IsBackground = true,
                Priority = ThreadPriority.Lowest,
            };
            spinner.Start();
        }

        spinning.Wait();
        Console.WriteLine(priorities[0]);
        while (Console.In.ReadLine() is not null)
        {
        }

        return 0;
    }

    /// <summary>Lets the calling thread run only where nobody else wants to.</summary>
    /// <returns>By which means.</returns>
    private static string GiveWay()
    {
        const int self = 0;
        int noPriority = 0;
        return !OperatingSystem.IsLinux() ? "the lowest priority of .NET"
            : NativeSetScheduler(self, IdlePolicy, ref noPriority) == 0 ? "SCHED_IDLE"
            : NativeSetPriority(OfAThread, self, LowestNiceness) == 0 ? "nice 19"
            : "no priority of their own, for the system refused one";
    }

    [DllImport("libc", EntryPoint = "sched_setscheduler")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeSetScheduler(int thread, int policy, ref int priority);

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeSetPriority(int which, int thread, int niceness);
}
