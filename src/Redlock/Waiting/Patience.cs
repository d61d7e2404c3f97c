namespace Redlock.Fast;

/// <summary>How long a caller wants to wait for a lock.</summary>
/// <param name="Tries">How many tries it makes.</param>
/// <param name="Wait">How long it waits in all; infinite for no bound.</param>
internal readonly record struct Patience(int Tries, TimeSpan Wait)
{
    private static readonly TimeSpan _longest = TimeSpan.FromDays(24 * 365);

    /// <summary>One try, and no wait.</summary>
    public static Patience None { get; } = new(1, Timeout.InfiniteTimeSpan);

    /// <summary>As a mutex says: for a time if it names one, else for its tries.</summary>
    public static Patience Of(MutexOptions options) =>
        options.WaitLimit is { } limit ? Until(limit) : new Patience(options.Tries, Timeout.InfiniteTimeSpan);

    /// <summary>However many tries fit into a time; one if there is none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, and not infinite.</exception>
    public static Patience Until(TimeSpan wait)
    {
        if (wait < TimeSpan.Zero && wait != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(wait), wait, "A wait is zero or more, or Timeout.InfiniteTimeSpan.");
        }

        return wait == TimeSpan.Zero ? None : new Patience(int.MaxValue, wait > _longest ? Timeout.InfiniteTimeSpan : wait);
    }
}
