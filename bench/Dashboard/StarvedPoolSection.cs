using System.Diagnostics;

namespace Redlock.Fast.Bench;

/// <summary>Extends and releases synchronously while every thread of the pool blocks.</summary>
internal static class StarvedPoolSection
{
    public static async Task RunAsync(Report report, bool quick)
    {
        await using Servers servers = await Servers.StartAsync(3);
        await using RedlockFactory factory = RedlockFactory.Create(servers.Endpoints("tcp", 3));
        await factory.WaitUntilConnectedAsync();
        RedlockMutex mutex = factory.CreateMutex("starved-name", MutexOptions.NonBlocking);
        Cycle.Synchronous(mutex, new double[2000]);

        ManualResetEventSlim release = new();
        ThreadPool.GetMaxThreads(out int most, out int ports);
        int threads = Environment.ProcessorCount;
        ThreadPool.SetMinThreads(threads, ports);
        ThreadPool.SetMaxThreads(threads, ports);
        for (int blocked = 0; blocked < threads * 4; blocked++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => release.Wait(), null);
        }

        double[] milliseconds = new double[quick ? 500 : 3000];
        Thread caller = new(() =>
        {
            for (int index = 0; index < milliseconds.Length; index++)
            {
                LockToken token = mutex.TryLock().Token;
                long start = Stopwatch.GetTimestamp();
                token = mutex.Extend(token).Token;
                mutex.Unlock(token);
                milliseconds[index] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        });
        caller.Start();
        caller.Join();
        release.Set();
        ThreadPool.SetMaxThreads(most, ports);
        report.Add("starved_pool.release_p99_ms", Statistics.Percentile(milliseconds, 99), Goal.Most(5));
    }
}
