namespace Redlock.Fast.Resp;

/// <summary>
/// Starts what outlives its starter, without the starter's execution context: its AsyncLocals and its Activity would live as long.
/// </summary>
internal static class WithoutContext
{
    /// <summary>
    /// Makes a timer that is not due yet; its callback sees no context even if the clock is one that hands the maker's on.
    /// </summary>
    public static ITimer CreateTimer(TimeProvider time, TimerCallback callback, object? state)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        using (ExecutionContext.SuppressFlow())
        {
            return time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Runs the synchronous part of something here; what it starts goes on without the context.</summary>
    public static void Start<TState>(Action<TState> start, TState state)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            start(state);
            return;
        }

        using (ExecutionContext.SuppressFlow())
        {
            start(state);
        }
    }
}
