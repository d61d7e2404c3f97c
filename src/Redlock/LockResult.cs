namespace Redlock.Fast;

/// <summary>
/// What <see cref="RedlockMutex.TryLockAsync(CancellationToken)"/> gives: the outcome of one attempt; disposing it releases the lock, if it
/// was acquired.
/// </summary>
/// <remarks>
/// <c>await using LockResult taken = await mutex.TryLockAsync();</c> and then <c>if (taken.IsAcquired)</c>. Whoever keeps the lock for
/// longer does not dispose it, and uses <see cref="Handle"/> or <see cref="Token"/>.
/// </remarks>
/// <param name="Status">How it ended.</param>
/// <param name="Token">What the holder carries; <c>default</c> unless the lock was acquired.</param>
public readonly partial record struct LockResult(LockStatus Status, LockToken Token) : IDisposable, IAsyncDisposable
{
    /// <summary>Whether the lock was acquired.</summary>
    public bool IsAcquired => Status == LockStatus.Acquired;

    /// <summary>
    /// Whether it looks as if only a person could mend it: so many nodes refused because of how they, or this client, are set up (password,
    /// access rights, replica, cluster) that no quorum is left without them. Some of that passes by itself, so tries and delays hold all
    /// the same.
    /// </summary>
    public bool LooksMisconfigured { get; init; }

    /// <summary>How many tries were made.</summary>
    public int Tries { get; init; }

    /// <summary>
    /// What releases the lock when it is disposed; holds nothing, so that disposing it does nothing, unless the lock was acquired.
    /// </summary>
    public LockHandle Handle => Mutex is null ? default : new LockHandle(Mutex, Token);

    /// <inheritdoc cref="LockHandle.Dispose"/>
    public void Dispose() => Handle.Dispose();

    /// <inheritdoc cref="LockHandle.DisposeAsync"/>
    public ValueTask DisposeAsync() => Handle.DisposeAsync();

    /// <summary>Whose lock it is; only where it was acquired.</summary>
    internal ITokenHolder? Mutex { get; init; }

    internal NodeWords Said { get; init; }
}
