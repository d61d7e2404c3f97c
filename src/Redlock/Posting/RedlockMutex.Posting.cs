namespace Redlock.Fast;

// The release that nobody waits for.
public sealed partial class RedlockMutex
{
    /// <summary>Sends the release of what this owner holds, and waits for nothing; whatever the options say.</summary>
    /// <param name="token">What the holder carries; it and its copies hold nothing any more.</param>
    /// <returns>
    /// False if nothing is sent, for a token that is <c>default</c> or detached. True tells nothing of how the release ends.
    /// </returns>
    /// <remarks>
    /// On each connection the release goes ahead of whatever this process sends for the name next, so a lock that follows at once does
    /// not meet it. How it ends is told by <see cref="RedlockFactory.ReleaseUnknown"/>, <see cref="RedlockFactory.LockOutlasted"/>, the
    /// meters and the span. The end of the factory waits for it. Never blocks; allowed on any thread.
    /// </remarks>
    /// <exception cref="ArgumentException">The token is of a lock of another name.</exception>
    /// <exception cref="ObjectDisposedException">The factory is disposed.</exception>
    public bool PostUnlock(LockToken token)
    {
        Surrender given = GiveUp(token);
        _core.ThrowIfDisposed();
        if (given.Token.IsDefault)
        {
            return false;
        }

        _core.Unlocks.Rent().Post(Definition, given);
        return true;
    }

    bool ITokenHolder.TryPost(LockToken token)
    {
        if (Options.Release == ReleaseMode.Confirmed)
        {
            return false;
        }

        Surrender given = GiveUp(token);
        if (!given.Token.IsDefault && !_core.IsDisposed)
        {
            _core.Unlocks.Rent().Post(Definition, given);
        }

        return true;
    }
}
