namespace Redlock.Fast.Allocation;

/// <summary>A thread pool that neither grows nor shrinks: in the middle of a measurement it would allocate for itself.</summary>
internal static class FixedThreadPool
{
    public static void Start()
    {
        int threads = Environment.ProcessorCount + 2;
        ThreadPool.SetMinThreads(threads, threads);
        ThreadPool.SetMaxThreads(threads, threads);
        using Barrier allStarted = new(threads + 1);
        for (int thread = 0; thread < threads; thread++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => allStarted.SignalAndWait(), null);
        }

        allStarted.SignalAndWait();
    }
}
