using Medallion.Threading;
using Redlock.Fast.Extensions;

namespace Redlock.Fast.DistributedLock;

/// <summary>
/// Makes locks for code that is written to <see cref="IDistributedLockProvider"/>. The container makes one for each quorum; by hand it is
/// made of a provider of this library.
/// </summary>
/// <remarks>
/// The defaults of the quorum hold here too: prefix, expiry, delay, number of nodes. <see cref="MutexOptions.Tries"/> and
/// <see cref="MutexOptions.WaitLimit"/> do not, for a call brings its own time; and a lock is always renewed until its handle is disposed,
/// as code written to these interfaces expects: with the quorum's own <see cref="MutexOptions.Renew"/> if it has one, else at every third
/// of the validity and without an end.
/// </remarks>
/// <example>
/// <code>
/// IDistributedLock door = provider.CreateLock("door");
/// await using IDistributedSynchronizationHandle? held = await door.TryAcquireAsync(TimeSpan.FromSeconds(5));
/// if (held is not null)
/// {
///     // nobody else is in here
/// }
/// </code>
/// </example>
public sealed class RedlockDistributedLockProvider : IDistributedLockProvider
{
    private readonly ILockProvider _locks;
    private readonly Func<MutexOptions, MutexOptions> _change;

    /// <summary>Makes locks over the quorum of a provider.</summary>
    /// <param name="locks">Whose nodes and defaults are used.</param>
    /// <param name="change">
    /// Gives the options, made from those that hold here: <c>options => options with { Expiry = TimeSpan.FromSeconds(30) }</c>; none if
    /// <c>null</c>.
    /// </param>
    public RedlockDistributedLockProvider(ILockProvider locks, Func<MutexOptions, MutexOptions>? change = null)
    {
        ArgumentNullException.ThrowIfNull(locks);
        _locks = locks;
        _change = change is null ? HeldLock.UntilReleased : options => change(HeldLock.UntilReleased(options));
    }

    /// <summary>Makes a lock for a name. Two locks of one name, here or elsewhere, exclude each other; neither is re-entrant.</summary>
    /// <param name="name">
    /// What is locked: it is the key, behind the prefix of the quorum. Any text of at most 64 KiB that does not end in <c>:waiting</c> or
    /// <c>:fence</c>; empty only behind a prefix.
    /// </param>
    /// <exception cref="ArgumentException">The name is out of bounds; the message names the bound.</exception>
    public RedlockDistributedLock CreateLock(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new RedlockDistributedLock(_locks.CreateMutex(name, _change));
    }

    IDistributedLock IDistributedLockProvider.CreateLock(string name) => CreateLock(name);
}
