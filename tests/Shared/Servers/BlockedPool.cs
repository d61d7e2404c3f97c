namespace Redlock.Fast.SharedTests;

/// <summary>Holds every thread of the pool, and those that it adds, until it is disposed.</summary>
internal sealed class BlockedPool : IDisposable
{
    // The pool adds about a thread every half second, so this many keep it blocked for half a minute.
    private const int MoreThanThePoolAdds = 64;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly ManualResetEvent _release = new(false);
    private readonly CountdownEvent _ended;
    private bool _someoneGotThrough;

    public BlockedPool()
    {
        ThreadPool.GetMinThreads(out int atOnce, out _);
        int blockers = Math.Max(ThreadPool.ThreadCount, atOnce) + MoreThanThePoolAdds;
        _ended = new CountdownEvent(blockers + 1);
        for (int blocker = 0; blocker < blockers; blocker++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    _release.WaitOne();
                    _ended.Signal();
                },
                null);
        }

        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                Volatile.Write(ref _someoneGotThrough, true);
                _ended.Signal();
            },
            null);
    }

    /// <summary>Whether nothing queued behind the blockers has run, so that a test proves something.</summary>
    public bool IsBlocked => !Volatile.Read(ref _someoneGotThrough);

    public void Dispose()
    {
        _release.Set();
        _ended.Wait(_patience);
        _ended.Dispose();
        _release.Dispose();
    }
}
