namespace Redlock.Fast;

/// <summary>Where the code behind an <c>await</c> goes on when a reply has decided the operation.</summary>
public enum ContinuationMode : byte
{
    /// <summary>On the thread pool.</summary>
    ThreadPool = 0,

    /// <summary>
    /// On the thread that read the reply, which saves a hop. Until that code awaits something or ends, no reply of that node is read, and
    /// what was queued for it may not be sent: it must be short and must never block; a blocking call of this library throws there. The
    /// stack of that thread has 1 MiB. A thread of the application's own that reads replies while it blocks for one is not used: there the
    /// code goes on on the thread pool.
    /// </summary>
    Inline,
}
