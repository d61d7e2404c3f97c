namespace Redlock.Fast.Resp;

/// <summary>A thread for each connection that is kept, which blocks where a life waits; the rest is done by the pool.</summary>
internal sealed class NodeThreads : NodeScheduler
{
    /// <inheritdoc/>
    public override void Start(Func<Task> life, string name) => NodeThread.Start(
        () =>
        {
            RespThread.Enter(RespThreadRole.Node);
            life().GetAwaiter().GetResult();
        },
        name);

    /// <inheritdoc/>
    public override Task Await(Task ending)
    {
        ending.GetAwaiter().GetResult();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override ValueTask<bool> Pause(TimeSpan delay, CancellationToken disposed) => new(disposed.WaitHandle.WaitOne(delay));

    /// <inheritdoc/>
    public override void Queue(IThreadPoolWorkItem item) => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);

    /// <inheritdoc/>
    public override double NextJitter()
    {
        // Jitter needs no secrecy.
#pragma warning disable CA5394
        return Random.Shared.NextDouble();
#pragma warning restore CA5394
    }
}
