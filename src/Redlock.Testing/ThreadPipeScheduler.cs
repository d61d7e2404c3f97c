using System.IO.Pipelines;

namespace Redlock.Fast.Testing;

/// <summary>
/// Runs a pipe's continuations on one thread of its own, so that a test which blocks every thread of the pool still gets its replies.
/// </summary>
internal sealed class ThreadPipeScheduler : PipeScheduler, IDisposable
{
    private readonly object _gate = new();
    private readonly Queue<(Action<object?> Action, object? State)> _scheduled = new();
    private bool _isDisposed;

    public ThreadPipeScheduler(string name) => new Thread(Run) { IsBackground = true, Name = name }.UnsafeStart();

    public override void Schedule(Action<object?> action, object? state)
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _scheduled.Enqueue((action, state));
                Monitor.Pulse(_gate);
                return;
            }
        }

        // Whoever is still reading has to hear that it is over.
        System.Threading.ThreadPool.UnsafeQueueUserWorkItem(action, state, preferLocal: false);
    }

    /// <summary>Ends the thread once it has run what is scheduled.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Monitor.Pulse(_gate);
        }
    }

    private void Run()
    {
        while (TryTake(out Action<object?>? action, out object? state))
        {
            action(state);
        }
    }

    private bool TryTake(out Action<object?> action, out object? state)
    {
        lock (_gate)
        {
            while (_scheduled.Count == 0)
            {
                if (_isDisposed)
                {
                    (action, state) = (static _ => { }, null);
                    return false;
                }

                Monitor.Wait(_gate);
            }

            (action, state) = _scheduled.Dequeue();
            return true;
        }
    }
}
