namespace Redlock.Fast;

/// <summary>The checked numbers of a mutex, in the clock's ticks.</summary>
internal readonly struct MutexTimes
{
    // 1 ms for the precision of the server's expiry, 1 ms at the least for the clocks.
    private static readonly TimeSpan _fixedDrift = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan _shortestExpiry = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan _longestExpiry = TimeSpan.FromDays(24);

    private static readonly TimeSpan _shortestFenceLife = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _longestFenceLife = TimeSpan.FromDays(365);

    // Below this a connection that is just being made would not get its chance.
    private static readonly TimeSpan _leastDefaultNodeLimit = TimeSpan.FromMilliseconds(50);

    // Nobody wants to wait 1.2 days for a node because a lock is kept for 24: it is as long as a dial may take.
    private static readonly TimeSpan _mostDefaultNodeLimit = TimeSpan.FromSeconds(5);

    private MutexTimes(long expiryMilliseconds, TimeSpan validity, TimeSpan nodeLimit, TimeProvider time)
    {
        ExpiryMilliseconds = expiryMilliseconds;
        Time = time;

        // Both round down: a lease must end early rather than late.
        ValidityTicks = ToTicks(validity);
        NodeLimitTicks = ToTicks(nodeLimit);
    }

    public long ExpiryMilliseconds { get; }

    public TimeProvider Time { get; }

    /// <summary>From the start of an attempt to the deadline: expiry less drift.</summary>
    public long ValidityTicks { get; }

    public long NodeLimitTicks { get; }

    /// <summary>How long a node may be silent before its connection is given up: there must be time left to use the next one.</summary>
    public long SilenceTicks => ValidityTicks / 3;

    public static MutexTimes Check(MutexOptions options, int nodes, TimeProvider time)
    {
        if (options.Expiry < _shortestExpiry || options.Expiry > _longestExpiry)
        {
            throw OutOfRange(nameof(options.Expiry), options.Expiry, "between 1 ms and 24 days");
        }

        if (options.Tries < 1)
        {
            throw OutOfRange(nameof(options.Tries), options.Tries, "1 or more");
        }

        if (options.Delay < TimeSpan.Zero || options.Delay > _longestExpiry / 2)
        {
            throw OutOfRange(nameof(options.Delay), options.Delay, "between zero and 12 days");
        }

        if (options.WaitLimit is { } wait && wait < TimeSpan.Zero && wait != Timeout.InfiniteTimeSpan)
        {
            throw OutOfRange(nameof(options.WaitLimit), wait, "zero or more, or Timeout.InfiniteTimeSpan");
        }

        if (options.FenceLife < _shortestFenceLife || options.FenceLife > _longestFenceLife)
        {
            throw OutOfRange(nameof(options.FenceLife), options.FenceLife, "between 1 minute and 365 days");
        }

        if (options.SuccessionLimit < 0)
        {
            throw OutOfRange(nameof(options.SuccessionLimit), options.SuccessionLimit, "0 or more");
        }

        if (!(options.Factor >= 0 && options.Factor < 1))
        {
            throw OutOfRange(nameof(options.Factor), options.Factor, "0 or more and below 1");
        }

        if (options.Quorum is { } quorum && (quorum <= nodes / 2 || quorum > nodes))
        {
            throw OutOfRange(
                nameof(options.Quorum),
                quorum,
                $"more than half of the {nodes} nodes and at most all of them ({QuorumSize.Of(nodes)} to {nodes})");
        }

        if (options.Continuation is not (ContinuationMode.ThreadPool or ContinuationMode.Inline))
        {
            throw OutOfRange(nameof(options.Continuation), options.Continuation, "a named mode");
        }

        if (options.Release is not (ReleaseMode.Confirmed or ReleaseMode.Posted))
        {
            throw OutOfRange(nameof(options.Release), options.Release, "a named mode");
        }

        long milliseconds = options.Expiry.Ticks / TimeSpan.TicksPerMillisecond;
        TimeSpan expiry = TimeSpan.FromMilliseconds(milliseconds);
        TimeSpan validity = expiry - (expiry * options.Factor) - _fixedDrift;
        if (validity <= TimeSpan.Zero)
        {
            throw OutOfRange(
                nameof(options.Expiry),
                options.Expiry,
                $"above the drift (expiry x {options.Factor} + 2 ms), or no time is left to rely on the lock");
        }

        TimeSpan nodeLimit = options.NodeTimeLimit ?? UsualNodeLimit(expiry, validity);
        if (nodeLimit <= TimeSpan.Zero || nodeLimit >= validity)
        {
            throw OutOfRange(
                nameof(options.NodeTimeLimit), nodeLimit, $"above zero and below the validity ({validity.TotalMilliseconds:0.###} ms)");
        }

        return new MutexTimes(milliseconds, validity, nodeLimit, time);
    }

    public long ToTicks(TimeSpan duration) => (long)(duration.TotalSeconds * Time.TimestampFrequency);

    private static TimeSpan UsualNodeLimit(TimeSpan expiry, TimeSpan validity)
    {
        TimeSpan usual = expiry / 20;
        usual = usual < _leastDefaultNodeLimit ? _leastDefaultNodeLimit : usual > _mostDefaultNodeLimit ? _mostDefaultNodeLimit : usual;
        return usual < validity / 2 ? usual : validity / 2;
    }

    private static ArgumentOutOfRangeException OutOfRange(string option, object value, string bound) =>
        new($"options.{option}", value, $"{option} must be {bound}.");
}
