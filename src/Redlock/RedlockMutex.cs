using System.Runtime.CompilerServices;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>
/// A name that can be locked on a quorum of nodes: call <see cref="TryLockAsync(TimeSpan, CancellationToken)"/> to try,
/// <see cref="LockAsync"/> where it has to be had. Reusable, thread-safe, made once and kept.
/// </summary>
/// <remarks>
/// The mutex holds no lock state: what a holder has is its <see cref="LockToken"/>, so any number of callers may share one mutex and
/// exclude each other by it. A lock is a lease: it can be relied on until its deadline, and no longer. It is not reentrant: whoever takes a
/// name again while holding it waits like everybody else, for all its tries (16 s by default), and is told that another owner holds it.
/// Each <see cref="ValueTask"/> comes straight from a pooled operation: await it once.
/// </remarks>
/// <example>
/// <code>
/// await using LockResult taken = await mutex.TryLockAsync(TimeSpan.FromSeconds(2), cancellationToken);
/// if (taken.IsAcquired)
/// {
///     await WorkAsync(taken.Handle.Lost);
/// }
/// </code>
/// </example>
public sealed partial class RedlockMutex : ILocker, ITokenHolder
{
    private readonly FactoryCore _core;

    internal RedlockMutex(FactoryCore core, string name, MutexOptions options)
    {
        _core = core;
        Definition = new MutexDefinition(this, core.Channels, core.Clock, core.Wakes, core.Phrases, name, options);
    }

    internal MutexDefinition Definition { get; }

    /// <inheritdoc/>
    public string Name => Definition.Name;

    /// <summary>How it was set up.</summary>
    public MutexOptions Options => Definition.Options;

    /// <summary>How many nodes must agree.</summary>
    public int Quorum => Definition.Quorum;

    /// <summary>
    /// What each node said in one of the latest operations on this mutex, whoever's it was; <see cref="NodeVote.NotAwaited"/> before the
    /// first.
    /// </summary>
    /// <remarks>
    /// For a look from outside, not for the reason of one's own result: with several callers it may be another one's. Operations never wait
    /// to be recorded: one that ends while another is, or while this is read, is left out. Of its own attempt a caller hears by giving an
    /// array along, and by <see cref="LockFailedException.Nodes"/>.
    /// </remarks>
    public IReadOnlyList<NodeOutcome> LastAttemptByAnyone => Definition.Latest.Copy();

    /// <inheritdoc/>
    [OverloadResolutionPriority(1)]
    public ValueTask<LockResult> TryLockAsync(CancellationToken cancellationToken = default) =>
        AcquireAsync(Patience.None, default, cancellationToken);

    /// <inheritdoc/>
    [OverloadResolutionPriority(1)]
    public LockResult TryLock(CancellationToken cancellationToken = default) => Acquire(Patience.None, default, cancellationToken);

    /// <summary>
    /// Call it to wait for a time: tries until the lock is taken or the time is over; whoever releases it, here or elsewhere, wakes those
    /// who wait.
    /// </summary>
    /// <param name="wait">How long in all: zero for one try, <see cref="Timeout.InfiniteTimeSpan"/> to wait for ever.</param>
    /// <param name="cancellationToken">Gives up, with <see cref="OperationCanceledException"/>; nothing stays locked.</param>
    /// <returns>
    /// The outcome; its token is <c>default</c> unless the lock is held. When the time is over it says what the nodes said last.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The wait is negative, and not infinite.</exception>
    /// <remarks>Callers of one process are served in the order in which they came.</remarks>
    /// <example>
    /// <code>
    /// await using LockResult taken = await mutex.TryLockAsync(TimeSpan.FromSeconds(5), cancellationToken);
    /// if (!taken.IsAcquired)
    /// {
    ///     Console.Error.WriteLine(taken);   // whether somebody else has it or too few nodes answered, and what each said
    ///     return;
    /// }
    /// </code>
    /// </example>
    public ValueTask<LockResult> TryLockAsync(TimeSpan wait, CancellationToken cancellationToken = default) =>
        AcquireAsync(Patience.Until(wait), default, cancellationToken);

    /// <inheritdoc cref="TryLockAsync(TimeSpan, CancellationToken)"/>
    public LockResult TryLock(TimeSpan wait, CancellationToken cancellationToken = default) =>
        Acquire(Patience.Until(wait), default, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<LockHandle> LockAsync(CancellationToken cancellationToken = default)
    {
        _core.ThrowIfDisposed();
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<LockHandle>(cancellationToken)
            : _core.Locks.Rent().LockAsync(Definition, cancellationToken);
    }

    /// <inheritdoc/>
    public LockHandle Lock(CancellationToken cancellationToken = default)
    {
        _core.ThrowIfDisposed();
        RespThread.ThrowIfMayNotBlock();
        cancellationToken.ThrowIfCancellationRequested();
        return _core.Locks.Rent().Lock(Definition, cancellationToken);
    }

    /// <summary>
    /// Call it with a token of your own (a handle does it when it is disposed): releases what this owner holds, and nothing else.
    /// </summary>
    /// <param name="token">What the holder carries.</param>
    /// <param name="cancellationToken">Ends the wait for the answer; the release is sent all the same.</param>
    /// <example>
    /// <code>
    /// UnlockStatus status = await mutex.UnlockAsync(token, cancellationToken);
    /// Console.WriteLine(status == UnlockStatus.NotHeld ? "It had been lost." : "It is free, or will be at its expiry.");
    /// </code>
    /// </example>
    [OverloadResolutionPriority(1)]
    public ValueTask<UnlockStatus> UnlockAsync(LockToken token, CancellationToken cancellationToken = default) =>
        ReleaseAsync(token, default, cancellationToken);

    /// <inheritdoc cref="UnlockAsync(LockToken, CancellationToken)"/>
    [OverloadResolutionPriority(1)]
    public UnlockStatus Unlock(LockToken token, CancellationToken cancellationToken = default) =>
        Release(token, default, cancellationToken);

    /// <summary>
    /// Call it before the deadline to have more time (<see cref="MutexOptions.Renew"/> does it for you): extends what this owner still
    /// holds to the full expiry from now; never shortens: a later deadline stays.
    /// </summary>
    /// <param name="token">What the holder carries.</param>
    /// <param name="cancellationToken">Ends the wait for the answer; the old deadline stands.</param>
    /// <returns>The outcome, with a token that has the new deadline.</returns>
    /// <remarks>
    /// After the token's deadline, its release or <see cref="Detach"/> it is refused without asking a node: what was lost or given up stays
    /// so. A token made from text knows of neither, so the nodes decide. Never shortens: a mutex with a shorter expiry than the nodes still
    /// have leaves theirs and the token's later deadline as they are, and says <see cref="ExtendStatus.Extended"/>.
    /// </remarks>
    /// <example>
    /// <code>
    /// ExtendResult longer = await mutex.ExtendAsync(token, cancellationToken);
    /// if (longer.Status == ExtendStatus.NotHeld)
    /// {
    ///     throw new InvalidOperationException("The lock is lost: stop.");
    /// }
    /// </code>
    /// </example>
    [OverloadResolutionPriority(1)]
    public ValueTask<ExtendResult> ExtendAsync(LockToken token, CancellationToken cancellationToken = default) =>
        LengthenAsync(token, default, cancellationToken);

    /// <inheritdoc cref="ExtendAsync(LockToken, CancellationToken)"/>
    [OverloadResolutionPriority(1)]
    public ExtendResult Extend(LockToken token, CancellationToken cancellationToken = default) =>
        Lengthen(token, default, cancellationToken);

    /// <summary>Binds a token, one made from text say, to a handle that releases it.</summary>
    /// <param name="token">What the holder carries; of a lock of this name.</param>
    /// <exception cref="ArgumentException">The token is of a lock of another name.</exception>
    public LockHandle Attach(LockToken token)
    {
        token.Newest(Definition);
        return new LockHandle(this, token);
    }

    ValueTask ITokenHolder.DisposeAsync(LockToken token)
    {
        Surrender given = GiveUp(token);
        return given.Token.IsDefault || _core.IsDisposed ? default : _core.Unlocks.Rent().DisposeAsync(Definition, given);
    }

    /// <summary>The name, the tries, the expiry and the nodes.</summary>
    public override string ToString() =>
        $"{PrintableText.OfName(Name)} (tries {Options.Tries}, expiry {Definition.Expiry.TotalSeconds:0.###} s, "
        + $"quorum {Quorum} of {_core.Channels.Length} nodes)";
}
