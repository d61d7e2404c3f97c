namespace Redlock.Fast;

// What happens to a lock between its acquisition and its release.
public sealed partial class RedlockMutex
{
    /// <summary>
    /// How long the lock may still be relied on, computed now; zero once its deadline has passed or if none is known, once it has been told
    /// to be lost, and after a release.
    /// </summary>
    /// <param name="token">What the holder carries.</param>
    public TimeSpan Remaining(LockToken token)
    {
        // The clock first: an extension that is accepted behind this look has not found the lock over.
        long now = _core.NowTicks;
        LockToken newest = token.Newest(Definition);
        long untilTicks = newest.IsDefault || _core.Kept.IsEmpty ? newest.DeadlineTicks : _core.Kept.HeldUntilTicks(Definition, newest);
        return untilTicks <= now ? TimeSpan.Zero : _core.Time.GetElapsedTime(now, untilTicks);
    }

    /// <summary>Keeps a held lock alive until it is released, for as long as the options allow; never shortens what it has.</summary>
    /// <param name="token">What the holder carries.</param>
    /// <param name="options">How often and how long.</param>
    /// <returns>False if the lock is lost or given up already.</returns>
    /// <remarks>
    /// A token made from text knows no deadline, so it is renewed at once, and nothing remains before that has succeeded.
    /// </remarks>
    public bool KeepAlive(LockToken token, RenewOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _core.ThrowIfDisposed();
        return _core.Kept.TryRenew(Definition, token, options);
    }

    /// <summary>
    /// A token that is cancelled when the lock is lost, at the latest with its newest deadline. A release does not cancel it; asked for
    /// after one, it never is.
    /// </summary>
    /// <param name="token">What the holder carries.</param>
    /// <remarks>
    /// See <see cref="LockHandle.Lost"/>. After the factory is disposed nothing is renewed, and each lock is lost at its deadline. A token
    /// made from text knows no deadline, so it counts as lost unless it is kept alive here.
    /// </remarks>
    public CancellationToken Lost(LockToken token) => _core.Kept.Watch(Definition, token);

    /// <summary>Stops keeping the lock alive and watching it, without a release, so that another process can go on with it.</summary>
    /// <param name="token">What the holder carries; it and its copies hold nothing any more.</param>
    /// <returns>The same owner with the newest deadline, or <c>default</c> if the lock is lost or given up already.</returns>
    /// <remarks>See <see cref="LockHandle.Detach"/>. Nothing is sent.</remarks>
    public LockToken Detach(LockToken token)
    {
        // What is lost stays so, and its handle says so.
        if (IsOver(_core.Kept.Newest(Definition, token)) || !token.TryDetach(Definition, out LockToken newest))
        {
            return default;
        }

        // Whoever looks at the kept lock from here on may forget it, and its deadline with it.
        GiveUpHandshake.Fence();
        newest = _core.Kept.IsEmpty ? newest : _core.Kept.Detach(Definition, newest);
        return IsOver(newest) ? default : newest.HeldBy(_core.Holdings.Rent(), Definition, newest.UnaskedNodes(_core.Number));
    }

    private bool IsOver(LockToken token) => token.IsDefault || _core.Clock.IsPast(token.DeadlineTicks);

    // Before the release is sent: what is renewed behind it would be refused, and taken for a loss.
    private Surrender GiveUp(LockToken token)
    {
        Surrender given = token.Release(Definition);
        if (token.IsDetached)
        {
            return default;
        }

        GiveUpHandshake.Fence();
        return _core.Kept.IsEmpty ? given : _core.Kept.Forget(Definition, given);
    }
}
