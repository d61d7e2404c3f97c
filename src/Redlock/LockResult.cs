namespace Redlock.Fast;

/// <summary>The outcome of one attempt.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Token">What the holder carries; <c>default</c> unless the lock was acquired.</param>
public readonly record struct LockResult(LockStatus Status, LockToken Token)
{
    /// <summary>Whether the lock was acquired.</summary>
    public bool IsAcquired => Status == LockStatus.Acquired;

    /// <summary>The token, for calls that take one.</summary>
    /// <param name="result">An outcome.</param>
    public static implicit operator LockToken(LockResult result) => result.Token;
}
