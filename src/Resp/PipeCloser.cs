using System.IO.Pipelines;

namespace Redlock.Fast.Resp;

/// <summary>Closes a transport from any thread, whatever kind of pipe it is.</summary>
internal static class PipeCloser
{
    /// <summary>Ends reads and writes in progress. A pipe that can't be disposed is completed by its reader, which this call wakes.</summary>
    public static void Close(IDuplexPipe pipe)
    {
        switch (pipe)
        {
            case IDisposable disposable:
                disposable.Dispose();
                break;
            case IAsyncDisposable disposable:
                _ = disposable.DisposeAsync().AsTask();
                break;
            default:
                pipe.Output.CancelPendingFlush();
                pipe.Input.CancelPendingRead();
                break;
        }
    }

    /// <summary>Called by the one who reads, when it has stopped.</summary>
    public static void Complete(IDuplexPipe pipe)
    {
        if (pipe is not (IDisposable or IAsyncDisposable))
        {
            pipe.Input.Complete();
            pipe.Output.Complete();
        }
    }
}
