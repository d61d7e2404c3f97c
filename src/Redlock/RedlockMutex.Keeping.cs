namespace Redlock.Fast;

// What happens to a lock between its acquisition and its release.
public sealed partial class RedlockMutex
{
    /// <inheritdoc/>
    public TimeSpan Remaining(LockToken token)
    {
        // The clock first: an extension that is accepted behind this look has not found the lock over.
        long now = _nodes.NowTicks;
        LockToken newest = token.Newest(this);
        long untilTicks = newest.IsDefault || _nodes.Kept.IsEmpty ? newest.DeadlineTicks : _nodes.Kept.HeldUntilTicks(this, newest);
        return untilTicks <= now ? TimeSpan.Zero : _nodes.Time.GetElapsedTime(now, untilTicks);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A token made from text knows no deadline, so it is renewed at once, and nothing remains before that has succeeded.
    /// </remarks>
    public bool KeepAlive(LockToken token, RenewOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _factory.ThrowIfDisposed();
        return _nodes.Kept.TryRenew(this, token, options);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// See <see cref="LockHandle.Lost"/>. After the factory is disposed nothing is renewed, and each lock is lost at its deadline. A token made from
    /// text knows no deadline, so it counts as lost unless it is kept alive here.
    /// </remarks>
    public CancellationToken Lost(LockToken token) => _nodes.Kept.Watch(this, token);

    /// <inheritdoc/>
    /// <remarks>See <see cref="LockHandle.Detach"/>. Nothing is sent.</remarks>
    public LockToken Detach(LockToken token)
    {
        // What is lost stays so, and its handle says so.
        if (IsOver(Newest(token)) || !token.TryDetach(this, out LockToken newest))
        {
            return default;
        }

        // Whoever looks at the kept lock from here on may forget it, and its deadline with it.
        newest = _nodes.Kept.IsEmpty ? newest : _nodes.Kept.Detach(this, newest);
        return IsOver(newest) ? default : newest.HeldBy(_nodes.Holdings.Rent(), this, newest.UnaskedNodes(_nodes.Number));
    }

    /// <summary>Whether a deadline is known and over.</summary>
    internal bool IsPast(LockToken token) => IsPast(token.DeadlineTicks);

    /// <inheritdoc cref="IsPast(LockToken)"/>
    internal bool IsPast(long deadlineTicks) => deadlineTicks != 0 && deadlineTicks <= _nodes.NowTicks;

    /// <summary>The same owner with the newest deadline known; <c>default</c> if it is known to be lost or given up.</summary>
    internal LockToken Newest(LockToken token)
    {
        token = token.Newest(this);
        return token.IsDefault || _nodes.Kept.IsEmpty ? token : _nodes.Kept.Newest(this, token);
    }

    private bool IsOver(LockToken token) => token.IsDefault || IsPast(token);

    // Before the release is sent: what is renewed behind it would be refused, and taken for a loss.
    private Surrender GiveUp(LockToken token)
    {
        Surrender given = token.Release(this);
        if (token.IsDetached)
        {
            return default;
        }

        return _nodes.Kept.IsEmpty ? given : _nodes.Kept.Forget(this, given);
    }
}
