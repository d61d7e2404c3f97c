namespace Redlock.Fast.Resp;

/// <summary>
/// On what and when the work of a node runs: threads and a pool, or the one thread, the clock and the seed of a simulation.
/// </summary>
internal abstract class NodeScheduler
{
    /// <summary>What runs unless another is given.</summary>
    public static NodeScheduler Threads { get; } = new NodeThreads();

    /// <summary>Starts what keeps a connection for as long as its node lives.</summary>
    /// <param name="life">
    /// Awaits nothing but what <see cref="Await"/> and <see cref="Pause"/> give: then it never leaves a thread that is its own.
    /// </param>
    /// <param name="name">What it does, and for which node.</param>
    public abstract void Start(Func<Task> life, string name);

    /// <summary>Waits in a life for something to end, and throws what that throws.</summary>
    public abstract Task Await(Task ending);

    /// <summary>Waits in a life for a time to pass.</summary>
    /// <param name="delay">The time.</param>
    /// <param name="disposed">Ends the wait.</param>
    /// <returns>Whether the wait was ended.</returns>
    public abstract ValueTask<bool> Pause(TimeSpan delay, CancellationToken disposed);

    /// <summary>Has something done soon, by nobody who is in the middle of something else.</summary>
    public abstract void Queue(IThreadPoolWorkItem item);

    /// <summary>Draws from zero to below one, for what must not happen everywhere at once.</summary>
    public abstract double NextJitter();
}
