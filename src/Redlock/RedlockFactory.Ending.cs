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
    /// disposing those is harmless. They are released on the nodes, which is waited for as long as
    /// <see cref="RedlockOptions.StopTimeLimit"/> says; <see cref="RedlockOptions.KeptAtStop"/> can leave them to their expiry instead.
    /// <see cref="HeldAtStop"/> counts them. Other locks that are still held end with their expiry.
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
        while (!releases.AreOver && TimeProvider.System.GetElapsedTime(start) < _options.StopTimeLimit)
        {
            Thread.Sleep(_lookInterval);
        }

        End(releases);
    }

    /// <summary>
    /// The same as <see cref="Dispose"/>, once every node has answered what it was asked, at the latest after
    /// <see cref="RedlockOptions.StopTimeLimit"/>.
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
        while ((IsAnyPending() || !releases.AreOver) && TimeProvider.System.GetElapsedTime(start) < _options.StopTimeLimit)
        {
            await Task.Delay(_lookInterval).ConfigureAwait(false);
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

    private bool IsAnyPending() => Array.Exists(_owned, static node => node is { IsConnected: true, Pending: > 0 });
}
