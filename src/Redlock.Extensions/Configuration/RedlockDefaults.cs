namespace Redlock.Fast.Extensions;

/// <summary>
/// The settings of <see cref="MutexOptions"/> in a form that configuration can bind. What is left out is as in
/// <see cref="MutexOptions.Blocking"/>.
/// </summary>
public sealed class RedlockDefaults
{
    /// <inheritdoc cref="MutexOptions.Expiry"/>
    public TimeSpan Expiry { get; set; } = MutexOptions.Blocking.Expiry;

    /// <inheritdoc cref="MutexOptions.Tries"/>
    public int Tries { get; set; } = MutexOptions.Blocking.Tries;

    /// <inheritdoc cref="MutexOptions.Delay"/>
    public TimeSpan Delay { get; set; } = MutexOptions.Blocking.Delay;

    /// <inheritdoc cref="MutexOptions.WaitLimit"/>
    public TimeSpan? WaitLimit { get; set; }

    /// <inheritdoc cref="MutexOptions.SuccessionLimit"/>
    public int SuccessionLimit { get; set; } = MutexOptions.Blocking.SuccessionLimit;

    /// <inheritdoc cref="MutexOptions.Factor"/>
    public double Factor { get; set; } = MutexOptions.Blocking.Factor;

    /// <inheritdoc cref="MutexOptions.Quorum"/>
    public int? Quorum { get; set; }

    /// <inheritdoc cref="MutexOptions.NodeTimeLimit"/>
    public TimeSpan? NodeTimeLimit { get; set; }

    /// <inheritdoc cref="MutexOptions.KeyPrefix"/>
    public string KeyPrefix { get; set; } = string.Empty;

    /// <inheritdoc cref="MutexOptions.Continuation"/>
    public ContinuationMode Continuation { get; set; }

    /// <inheritdoc cref="MutexOptions.Release"/>
    public ReleaseMode Release { get; set; }

    /// <inheritdoc cref="MutexOptions.Fenced"/>
    public bool Fenced { get; set; }

    /// <inheritdoc cref="MutexOptions.FenceLife"/>
    public TimeSpan FenceLife { get; set; } = MutexOptions.Blocking.FenceLife;

    /// <summary>
    /// The share of the validity after which a held lock is renewed, or <c>null</c>, the default, for locks that are not.
    /// </summary>
    public double? RenewFraction { get; set; }

    /// <summary>
    /// How long a lock is renewed at most, or <c>null</c> for as long as it is held. Means something only with <see cref="RenewFraction"/>.
    /// </summary>
    public TimeSpan? MaxHoldTime { get; set; }

    /// <summary>The same as <see cref="MutexOptions"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The renewal is out of bounds; the other bounds are checked when a mutex is made.
    /// </exception>
    public MutexOptions ToMutexOptions() => new()
    {
        Expiry = Expiry,
        Tries = Tries,
        Delay = Delay,
        WaitLimit = WaitLimit,
        SuccessionLimit = SuccessionLimit,
        Factor = Factor,
        Quorum = Quorum,
        NodeTimeLimit = NodeTimeLimit,
        KeyPrefix = KeyPrefix,
        Continuation = Continuation,
        Release = Release,
        Fenced = Fenced,
        FenceLife = FenceLife,
        Renew = RenewFraction is { } fraction ? RenewOptions.Every(fraction, MaxHoldTime ?? Timeout.InfiniteTimeSpan) : null,
    };
}
