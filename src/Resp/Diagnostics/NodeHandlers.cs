namespace Redlock.Fast.Resp;

/// <summary>Calls the handlers of a node's events on the threads that keep the node alive, which no handler may end.</summary>
/// <remarks>
/// A handler that throws is counted (<c>resp.handlers.failed</c>) and left alone: it stands between no other handler and the event.
/// </remarks>
internal static class NodeHandlers
{
    /// <summary>Runs a step that calls foreign code, and goes on whatever that does.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="step">The step.</param>
    public static void Run(string node, Action step)
    {
        try
        {
            step();
        }
        catch (Exception thrown)
        {
            RespMetrics.CountFailedHandler(node, thrown);
        }
    }

    /// <param name="node">The node's name.</param>
    /// <param name="handlers">Whoever listens; <c>null</c> if nobody does.</param>
    /// <param name="call">Calls one of them.</param>
    public static void Raise<THandler>(string node, THandler? handlers, Action<THandler> call)
        where THandler : Delegate
    {
        foreach (THandler handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                call(handler);
            }
            catch (Exception thrown)
            {
                RespMetrics.CountFailedHandler(node, thrown);
            }
        }
    }
}
