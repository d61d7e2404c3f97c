namespace Redlock.Fast;

/// <summary>Whether a function ran under a lock, and if it did not, why not.</summary>
/// <remarks>
/// It counts as a <see cref="bool"/>: <c>if (!await mutex.WithLockAsync(work))</c>. What its text says is for a log:
/// <c>WithLockResult ran = await mutex.WithLockAsync(work);</c> and then <c>ran.ToString()</c>.
/// </remarks>
public readonly record struct WithLockResult
{
    private readonly LockResult _attempt;

    internal WithLockResult(LockResult attempt) => _attempt = attempt;

    /// <summary>Whether the lock was taken, and the function ran.</summary>
    public bool HasRun => _attempt.IsAcquired;

    /// <summary>
    /// <see cref="LockStatus.Acquired"/> if the function ran; else whether somebody else has the lock or too few nodes answered.
    /// </summary>
    public LockStatus Status => _attempt.Status;

    /// <inheritdoc cref="LockResult.LooksMisconfigured"/>
    public bool LooksMisconfigured => _attempt.LooksMisconfigured;

    /// <inheritdoc cref="LockResult.Tries"/>
    public int Tries => _attempt.Tries;

    /// <inheritdoc cref="LockResult.Nodes"/>
    public IReadOnlyList<NodeOutcome> Nodes => _attempt.Nodes;

    /// <summary>Whether the function ran.</summary>
    /// <param name="result">What came of it.</param>
    public static implicit operator bool(WithLockResult result) => result.HasRun;

    /// <summary>Does nothing if the function ran, and else throws what <see cref="RedlockMutex.LockAsync"/> would have.</summary>
    /// <exception cref="LockFailedException">The lock was not taken; the text has what each node said.</exception>
    public void ThrowUnlessRun() => _attempt.ThrowUnlessAcquired();

    /// <inheritdoc cref="LockResult.ToString"/>
    public override string ToString() => _attempt.ToString();
}
