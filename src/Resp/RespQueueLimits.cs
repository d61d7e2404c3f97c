namespace Redlock.Fast.Resp;

/// <summary>How much one connection queues before it refuses.</summary>
/// <remarks>
/// Whoever is answered by the fastest nodes never waits for the slowest one; without a bound that node's queue would grow for ever.
/// Above the ordinary room lies a reserve for <see cref="RequestPriority.Reserved"/> requests, and in it room that only
/// <see cref="RespRequest.Undoes"/> opens, as large as the ordinary room and more: so whatever an ordinary request did can be undone,
/// however much else is reserved.
/// </remarks>
public sealed record RespQueueLimits
{
    /// <summary>The limits used unless others are given.</summary>
    public static RespQueueLimits Default { get; } = new();

    /// <summary>Unanswered requests above which ordinary ones are refused; 4096 by default.</summary>
    public int OrdinaryRequests { get; init => field = AtLeast(1, value); } = 4096;

    /// <summary>Unanswered bytes above which ordinary requests are refused; 1 MiB by default.</summary>
    public int OrdinaryBytes { get; init => field = AtLeast(1024, value); } = 1024 * 1024;

    /// <summary>Unanswered requests above which every request is refused, at least twice the ordinary ones; 65536 by default.</summary>
    public int AllRequests { get; init => field = AtLeast(1, value); } = 64 * 1024;

    /// <summary>
    /// Unanswered bytes above which every request is refused, at least three times the ordinary ones, as a release is longer than its SET;
    /// 16 MiB by default.
    /// </summary>
    public int AllBytes { get; init => field = AtLeast(1024, value); } = 16 * 1024 * 1024;

    /// <summary>
    /// The most bytes of ordinary requests that are handed to the transport before the node has answered; 1 MiB by default. Below it their
    /// amount follows the link: it grows while the answers come no slower for it. What is not handed over can time out without having been
    /// sent.
    /// </summary>
    public int WindowBytes { get; init => field = AtLeast(1024, value); } = 1024 * 1024;

    /// <exception cref="ArgumentException">The reserve is too small to undo what the ordinary room lets in.</exception>
    internal RespQueueLimits Checked() =>
        AllRequests / 2 < OrdinaryRequests
            ? throw new ArgumentException(
                $"AllRequests must be at least twice OrdinaryRequests ({OrdinaryRequests}), so that each can be undone; it is "
                    + $"{AllRequests}.")
        : AllBytes / 3 < OrdinaryBytes
            ? throw new ArgumentException(
                $"AllBytes must be at least three times OrdinaryBytes ({OrdinaryBytes}), so that each request can be undone; it is "
                    + $"{AllBytes}.")
        : this;

    private static int AtLeast(int least, int value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least);
        return value;
    }
}
