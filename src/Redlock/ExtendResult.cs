namespace Redlock.Fast;

/// <summary>The outcome of an extension.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Token">The same owner with the new deadline; <c>default</c> unless the lock was extended.</param>
public readonly record struct ExtendResult(ExtendStatus Status, LockToken Token)
{
    /// <summary>Whether the lock was extended.</summary>
    public bool IsExtended => Status == ExtendStatus.Extended;
}
