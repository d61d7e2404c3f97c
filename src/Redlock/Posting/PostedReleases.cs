namespace Redlock.Fast;

/// <summary>The releases of a factory that nobody waits for but its end.</summary>
internal sealed class PostedReleases(TimeProvider time)
{
    private int _pending;
    private long _longestTicks;

    /// <summary>Whether one has been sent that has not ended.</summary>
    public bool ArePending => Volatile.Read(ref _pending) != 0;

    /// <summary>How long any of them may take: the longest time limit of a node so far.</summary>
    public TimeSpan Longest => time.GetElapsedTime(0, Volatile.Read(ref _longestTicks));

    public void Begin(MutexDefinition mutex)
    {
        Interlocked.Increment(ref _pending);
        long longest = Volatile.Read(ref _longestTicks);
        while (longest < mutex.NodeLimitTicks)
        {
            longest = Interlocked.CompareExchange(ref _longestTicks, mutex.NodeLimitTicks, longest);
        }
    }

    public void End() => Interlocked.Decrement(ref _pending);
}
