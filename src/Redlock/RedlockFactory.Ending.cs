using Redlock.Fast.Resp;

namespace Redlock.Fast;

// How a factory ends, and what becomes of the locks that are held then.
public sealed partial class RedlockFactory
{
    // How often a factory that is being disposed looks whether the last reply has come.
    private static readonly TimeSpan _lookInterval = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// Releases the locks that are renewed or watched, and closes the connections that this factory made; no attempt, release or renewal
    /// begins any more.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Locks that are renewed or watched are lost at once: their <see cref="LockHandle.Lost"/> fires, their handles hold nothing, and
    /// disposing those is harmless. They are released, which is waited for until every node has answered, as long as
    /// <see cref="RedlockOptions.StopTimeLimit"/> says; <see cref="RedlockOptions.KeptAtStop"/> can leave them to their expiry instead.
    /// <see cref="HeldAtStop"/> counts them. Other locks that are still held end with their expiry.
    /// </para>
    /// <para>
    /// Releases that were posted (<see cref="ReleaseMode.Posted"/>, <see cref="RedlockMutex.PostUnlock"/>) are waited for until they have
    /// ended, at the latest after the <see cref="MutexOptions.NodeTimeLimit"/> of their mutexes, though not on a thread that reads replies.
    /// </para>
    /// <para>
    /// Waits between two attempts end at once, as unavailable. What waits for replies over connections of this factory ends at once too, as
    /// unavailable or, for a release, unknown. Over channels that somebody else made it ends as their replies say, or at
    /// <see cref="MutexOptions.NodeTimeLimit"/>.
    /// </para>
    /// </remarks>
    public void Dispose()
    {
        if (IsDisposed)
        {
            return;
        }

        _core.Lines.Close();
        LastReleases releases = LastReleases.Send(_core, _options.KeptAtStop);
        long start = TimeProvider.System.GetTimestamp();
        TimeSpan elapsed = TimeSpan.Zero;
        while ((releases.Held > 0 && (IsAnyPending() || !releases.AreOver) && elapsed < _options.StopTimeLimit)
            || (RespThread.Role == RespThreadRole.None && ArePostedToBeAwaited(elapsed)))
        {
            Thread.Sleep(_lookInterval);
            elapsed = TimeProvider.System.GetElapsedTime(start);
        }

        End(releases);
    }

    /// <summary>
    /// The same as <see cref="Dispose"/>, once every node has answered what it was asked, at the latest after
    /// <see cref="RedlockOptions.StopTimeLimit"/>, and once the posted releases have ended.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (IsDisposed)
        {
            return;
        }

        _core.Lines.Close();
        LastReleases releases = LastReleases.Send(_core, _options.KeptAtStop);

        // The nodes' clock may be one that nobody advances any more.
        long start = TimeProvider.System.GetTimestamp();
        TimeSpan elapsed = TimeSpan.Zero;
        while (((IsAnyPending() || !releases.AreOver) && elapsed < _options.StopTimeLimit) || ArePostedToBeAwaited(elapsed))
        {
            await Task.Delay(_lookInterval).ConfigureAwait(false);
            elapsed = TimeProvider.System.GetElapsedTime(start);
        }

        End(releases);
    }

    private void End(LastReleases releases)
    {
        if (_core.TryClose())
        {
            // Whatever began to be kept during the wait; what is left is counted already.
            if (_options.KeptAtStop == KeptAtStop.Release)
            {
                releases.Add(LastReleases.Send(_core, _options.KeptAtStop));
            }

            foreach (RespNode node in _owned)
            {
                node.Dispose();
            }

            _core.Dispose();
        }

        if (releases.Held > 0)
        {
            _core.Events.TellHeldAtStop(releases.Held, releases.CountReleased());
        }
    }

    // Whoever posted a release has left the wait for it to the factory, however short its own patience is.
    private bool ArePostedToBeAwaited(TimeSpan elapsed) => _core.Posted.ArePending && elapsed < _core.Posted.Longest;

    private bool IsAnyPending() => Array.Exists(_owned, static node => node is { IsConnected: true, Pending: > 0 });
}
