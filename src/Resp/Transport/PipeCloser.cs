using System.IO.Pipelines;

namespace Redlock.Fast.Resp;

/// <summary>Closes a transport from any thread, whatever kind of pipe it is.</summary>
internal static class PipeCloser
{
    /// <summary>
    /// Ends reads and writes in progress. A pipe that can't be disposed is completed by its reader, which this call wakes.
    /// </summary>
    /// <param name="node">The node's name, for the count of foreign code that failed.</param>
    /// <param name="pipe">The transport.</param>
    public static void Close(string node, IDuplexPipe pipe)
    {
        switch (pipe)
        {
            case IDisposable disposable:
                disposable.Dispose();
                break;
            case IAsyncDisposable disposable:
                WithoutContext.Start(static ending => _ = DisposeAsync(ending.Node, ending.Pipe), (Node: node, Pipe: disposable));
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

    private static async Task DisposeAsync(string node, IAsyncDisposable pipe)
    {
        try
        {
            await pipe.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            RespMetrics.CountFailedHandler(node, thrown);
        }
    }
}
