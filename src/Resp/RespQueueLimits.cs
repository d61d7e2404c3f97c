namespace Redlock.Fast.Resp;

/// <summary>How much one connection queues before it refuses.</summary>
/// <remarks>
/// Whoever is answered by the fastest nodes never waits for the slowest one; without a bound that node's queue would grow for ever.
/// Above the ordinary room lies a reserve for <see cref="RequestPriority.Reserved"/> requests, so that what an ordinary request did can be undone.
/// </remarks>
public sealed record RespQueueLimits
{
    /// <summary>The limits used unless others are given.</summary>
    public static RespQueueLimits Default { get; } = new();

    /// <summary>Unanswered requests above which ordinary ones are refused; 4096 by default.</summary>
    public int OrdinaryRequests { get; init => field = AtLeast(1, value); } = 4096;

    /// <summary>Unanswered bytes above which ordinary requests are refused; 1 MiB by default.</summary>
    public int OrdinaryBytes { get; init => field = AtLeast(1024, value); } = 1024 * 1024;

    /// <summary>Unanswered requests above which every request is refused; 65536 by default.</summary>
    public int AllRequests { get; init => field = AtLeast(1, value); } = 64 * 1024;

    /// <summary>Unanswered bytes above which every request is refused; 16 MiB by default.</summary>
    public int AllBytes { get; init => field = AtLeast(1024, value); } = 16 * 1024 * 1024;

    private static int AtLeast(int least, int value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least);
        return value;
    }
}
