namespace Redlock.Fast.Extensions;

/// <summary>
/// Inject this to lock by name: it makes mutexes over a registered quorum, with the defaults that the host was configured with. A test
/// gives <c>new LockProvider(locks.Factory)</c> over <c>InProcessLocks</c>.
/// </summary>
/// <example>
/// <code>
/// public sealed class Stock(ILockProvider locks)
/// {
///     private readonly RedlockMutex _mutex = locks.CreateMutex("stock");
///
///     public async Task TakeAsync(CancellationToken cancellationToken)
///     {
///         await using LockHandle held = await _mutex.LockAsync(cancellationToken);
///     }
/// }
/// </code>
/// </example>
public interface ILockProvider
{
    /// <summary>How mutexes behave unless they are told otherwise.</summary>
    MutexOptions Defaults { get; }

    /// <summary>Makes a mutex for a name; keep it for as long as the name is used.</summary>
    /// <param name="name">What is locked: the key, behind the prefix of the defaults.</param>
    /// <exception cref="ArgumentException">The name is out of bounds; the message names the bound.</exception>
    RedlockMutex CreateMutex(string name);

    /// <summary>Makes a mutex for a name that behaves otherwise than the defaults.</summary>
    /// <param name="name">What is locked: the key, behind the prefix.</param>
    /// <param name="change">Gives the options, made from the defaults: <c>defaults => defaults with { ... }</c>.</param>
    /// <exception cref="ArgumentException">The name or an option is out of bounds; the message names the bound.</exception>
    RedlockMutex CreateMutex(string name, Func<MutexOptions, MutexOptions> change);
}
