namespace Redlock.Fast;

/// <summary>How a held lock is kept alive. Make it with <see cref="Every"/>.</summary>
/// <remarks>
/// A renewal that fails because nodes are away is tried again until the deadline. A quorum that says "someone else's" or "nothing there"
/// ends the lock at once. After <see cref="MaxHoldTime"/> the lock is renewed no more and runs out at its deadline.
/// </remarks>
public sealed record RenewOptions
{
    // Later than this a single slow node could use up the rest.
    private const double LargestFraction = 0.9;

    private RenewOptions()
    {
    }

    /// <summary>
    /// The share of the validity (the expiry less drift) after which the lock is renewed: above 0, at most 0.9. It is not renewed more
    /// often than every millisecond.
    /// </summary>
    public double Fraction { get; private init; }

    /// <summary>
    /// How long the lock is renewed, counted from when it was taken or keeping began; <see cref="Timeout.InfiniteTimeSpan"/> for as long as
    /// it is held.
    /// </summary>
    public TimeSpan MaxHoldTime { get; private init; }

    /// <summary>
    /// Give it to <see cref="MutexOptions.Renew"/> or <see cref="LockHandle.KeepAlive"/>: renews whenever a share of the validity has
    /// passed, and for no longer than a cap.
    /// </summary>
    /// <param name="fraction">Above 0, at most 0.9; a third leaves room for several failures.</param>
    /// <param name="maxHoldTime">
    /// Above zero: a holder that hangs then loses the lock in the end. <see cref="Timeout.InfiniteTimeSpan"/> sets no cap.
    /// </param>
    public static RenewOptions Every(double fraction, TimeSpan maxHoldTime)
    {
        if (!(fraction > 0 && fraction <= LargestFraction))
        {
            throw new ArgumentOutOfRangeException(
                nameof(fraction), fraction, $"The fraction must be above 0 and at most {LargestFraction}.");
        }

        // Ten thousand years of ticks overflow; nobody holds a lock so long.
        TimeSpan longest = TimeSpan.FromDays(10_000);
        return maxHoldTime == Timeout.InfiniteTimeSpan || (maxHoldTime > TimeSpan.Zero && maxHoldTime <= longest)
            ? new RenewOptions { Fraction = fraction, MaxHoldTime = maxHoldTime }
            : throw new ArgumentOutOfRangeException(
                nameof(maxHoldTime),
                maxHoldTime,
                $"The longest hold time must be above zero and at most {longest.TotalDays:0} days, or Timeout.InfiniteTimeSpan.");
    }
}
