using System.Collections.Concurrent;
using System.IO.Pipelines;

namespace Redlock.Fast.Testing;

/// <summary>Runs a pipe's continuations on the thread pool, as the default does, without allocating for each.</summary>
internal sealed class QueuedPipeScheduler : PipeScheduler, IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<(Action<object?> Action, object? State)> _scheduled = new();

    public override void Schedule(Action<object?> action, object? state)
    {
        _scheduled.Enqueue((action, state));

        // One turn of the pool for each, so that one which blocks holds up no other.
        System.Threading.ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_scheduled.TryDequeue(out (Action<object?> Action, object? State) next))
        {
            next.Action(next.State);
        }
    }
}
