namespace Redlock.Fast.Extensions;

/// <summary>Makes mutexes over a registered quorum, with its configured defaults. The container makes one for each quorum.</summary>
public sealed class LockProvider : ILockProvider
{
    /// <summary>
    /// What the container does; by hand for a test of a class that is given one, or for a factory with dialers of its own.
    /// </summary>
    /// <param name="factory">The factory over the nodes; it stays its maker's to dispose.</param>
    /// <param name="defaults">
    /// How mutexes behave unless they are told otherwise; <see cref="MutexOptions.Blocking"/> if it is <c>null</c>.
    /// </param>
    public LockProvider(RedlockFactory factory, MutexOptions? defaults = null)
    {
        ArgumentNullException.ThrowIfNull(factory);
        Factory = factory;
        Defaults = defaults ?? MutexOptions.Blocking;
    }

    /// <summary>The factory over the nodes. The one of the container's provider is the container's to end.</summary>
    public RedlockFactory Factory { get; }

    /// <inheritdoc/>
    public MutexOptions Defaults { get; }

    /// <summary>How many nodes a mutex with the defaults needs.</summary>
    internal int Quorum => Defaults.Quorum ?? RedlockFactory.Quorum(Factory.Nodes.Count);

    /// <inheritdoc/>
    public RedlockMutex CreateMutex(string name) => Factory.CreateMutex(name, Defaults);

    /// <inheritdoc/>
    public RedlockMutex CreateMutex(string name, Func<MutexOptions, MutexOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return Factory.CreateMutex(name, change(Defaults));
    }
}
