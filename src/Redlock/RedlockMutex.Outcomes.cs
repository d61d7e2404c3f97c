using Redlock.Fast.Resp;

namespace Redlock.Fast;

// The same operations for a caller that brings the room for what each node said in its own attempt.
public sealed partial class RedlockMutex
{
    /// <summary>Call it to learn why: tries once, and tells what each node said.</summary>
    /// <param name="outcomes">
    /// Room for one outcome a node, an array of the caller's own say. It is filled when the result is taken, in the order of the factory's
    /// nodes, also when taking it throws; until then it must be left alone. A node that nobody had to wait for is
    /// <see cref="NodeVote.NotAwaited"/>.
    /// </param>
    /// <param name="cancellationToken">Gives up, with <see cref="OperationCanceledException"/>; nothing stays locked.</param>
    /// <returns>The outcome; its token is <c>default</c> unless the lock is held.</returns>
    /// <exception cref="ArgumentException">There is less room than there are nodes.</exception>
    /// <example>
    /// <code>
    /// NodeOutcome[] outcomes = new NodeOutcome[locks.Nodes.Count];
    /// await using LockResult taken = await mutex.TryLockAsync(outcomes, cancellationToken);
    /// if (taken.Status == LockStatus.Unavailable)
    /// {
    ///     Console.Error.WriteLine(string.Join('\n', outcomes));
    /// }
    /// </code>
    /// </example>
    public ValueTask<LockResult> TryLockAsync(Memory<NodeOutcome> outcomes, CancellationToken cancellationToken = default) =>
        AcquireAsync(Patience.None, Prepared(outcomes), cancellationToken);

    /// <inheritdoc cref="TryLockAsync(Memory{NodeOutcome}, CancellationToken)"/>
    public LockResult TryLock(Memory<NodeOutcome> outcomes, CancellationToken cancellationToken = default) =>
        Acquire(Patience.None, Prepared(outcomes), cancellationToken);

    /// <summary>Releases what this owner holds, and nothing else, and tells what each node said.</summary>
    /// <param name="token">What the holder carries.</param>
    /// <param name="outcomes">
    /// <inheritdoc cref="TryLockAsync(Memory{NodeOutcome}, CancellationToken)" path="/param[@name='outcomes']"/>
    /// </param>
    /// <param name="cancellationToken">Ends the wait for the answer; the release is sent all the same.</param>
    /// <exception cref="ArgumentException">There is less room than there are nodes, or the token is of another name.</exception>
    public ValueTask<UnlockStatus> UnlockAsync(
        LockToken token, Memory<NodeOutcome> outcomes, CancellationToken cancellationToken = default) =>
        ReleaseAsync(token, Prepared(outcomes), cancellationToken);

    /// <inheritdoc cref="UnlockAsync(LockToken, Memory{NodeOutcome}, CancellationToken)"/>
    public UnlockStatus Unlock(LockToken token, Memory<NodeOutcome> outcomes, CancellationToken cancellationToken = default) =>
        Release(token, Prepared(outcomes), cancellationToken);

    /// <summary>
    /// Extends what this owner still holds to the full expiry from now, and tells what each node said; never shortens: a later deadline
    /// stays.
    /// </summary>
    /// <param name="token">What the holder carries.</param>
    /// <param name="outcomes">
    /// <inheritdoc cref="TryLockAsync(Memory{NodeOutcome}, CancellationToken)" path="/param[@name='outcomes']"/>
    /// </param>
    /// <param name="cancellationToken">Ends the wait for the answer; the old deadline stands.</param>
    /// <returns>The outcome, with a token that has the new deadline.</returns>
    /// <exception cref="ArgumentException">There is less room than there are nodes, or the token is of another name.</exception>
    public ValueTask<ExtendResult> ExtendAsync(
        LockToken token, Memory<NodeOutcome> outcomes, CancellationToken cancellationToken = default) =>
        LengthenAsync(token, Prepared(outcomes), cancellationToken);

    /// <inheritdoc cref="ExtendAsync(LockToken, Memory{NodeOutcome}, CancellationToken)"/>
    public ExtendResult Extend(LockToken token, Memory<NodeOutcome> outcomes, CancellationToken cancellationToken = default) =>
        Lengthen(token, Prepared(outcomes), cancellationToken);

    // What ends without asking a node says so.
    private Memory<NodeOutcome> Prepared(Memory<NodeOutcome> outcomes)
    {
        if (outcomes.Length < _core.Channels.Length)
        {
            throw new ArgumentException(
                $"There are {_core.Channels.Length} nodes, and room for {outcomes.Length} outcomes.", nameof(outcomes));
        }

        for (int node = 0; node < _core.Channels.Length; node++)
        {
            outcomes.Span[node] = new NodeOutcome(_core.Channels[node].Name, NodeVote.NotAwaited, null);
        }

        return outcomes;
    }

    private ValueTask<LockResult> AcquireAsync(Patience patience, Memory<NodeOutcome> outcomes, CancellationToken cancellationToken)
    {
        _core.ThrowIfDisposed();
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<LockResult>(cancellationToken)
            : Rent(_core.Locks, outcomes).TryAsync(Definition, patience, cancellationToken);
    }

    private LockResult Acquire(Patience patience, Memory<NodeOutcome> outcomes, CancellationToken cancellationToken)
    {
        _core.ThrowIfDisposed();
        RespThread.ThrowIfMayNotBlock();
        cancellationToken.ThrowIfCancellationRequested();
        return Rent(_core.Locks, outcomes).Try(Definition, patience, cancellationToken);
    }

    private ValueTask<UnlockStatus> ReleaseAsync(LockToken token, Memory<NodeOutcome> outcomes, CancellationToken cancellationToken)
    {
        Surrender given = GiveUp(token);
        _core.ThrowIfDisposed();
        return given.Token.IsDefault
            ? ValueTask.FromResult(UnlockStatus.NotHeld)
            : Rent(_core.Unlocks, outcomes).UnlockAsync(Definition, given, cancellationToken);
    }

    private UnlockStatus Release(LockToken token, Memory<NodeOutcome> outcomes, CancellationToken cancellationToken)
    {
        RespThread.ThrowIfMayNotBlock();
        Surrender given = GiveUp(token);
        _core.ThrowIfDisposed();
        return given.Token.IsDefault ? UnlockStatus.NotHeld : Rent(_core.Unlocks, outcomes).Unlock(Definition, given, cancellationToken);
    }

    private ValueTask<ExtendResult> LengthenAsync(LockToken token, Memory<NodeOutcome> outcomes, CancellationToken cancellationToken)
    {
        _core.ThrowIfDisposed();
        token = _core.Kept.Newest(Definition, token);
        return token.IsDefault || _core.Clock.IsPast(token.DeadlineTicks)
            ? ValueTask.FromResult(new ExtendResult(ExtendStatus.NotHeld, default))
            : cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<ExtendResult>(cancellationToken)
            : Rent(_core.Extends, outcomes).ExtendAsync(Definition, token, cancellationToken);
    }

    private ExtendResult Lengthen(LockToken token, Memory<NodeOutcome> outcomes, CancellationToken cancellationToken)
    {
        _core.ThrowIfDisposed();
        RespThread.ThrowIfMayNotBlock();
        token = _core.Kept.Newest(Definition, token);
        if (token.IsDefault || _core.Clock.IsPast(token.DeadlineTicks))
        {
            return new ExtendResult(ExtendStatus.NotHeld, default);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return Rent(_core.Extends, outcomes).Extend(Definition, token, cancellationToken);
    }

    private static TOperation Rent<TOperation>(OperationPool<TOperation> pool, Memory<NodeOutcome> outcomes)
        where TOperation : QuorumOperation
    {
        TOperation operation = pool.Rent();
        operation.ReportTo = outcomes;
        return operation;
    }
}
