namespace Redlock.Fast;

// What a token knows of nodes that its acquisition passed over, and that are given its owner id while it is held.
public readonly partial struct LockToken
{
    /// <inheritdoc cref="Holding.TryReach"/>
    internal bool TryReach(MutexDefinition mutex, int node) => _holding is { } holding && holding.TryReach(mutex, _use, 1u << node);

    /// <inheritdoc cref="Holding.ReachAgain"/>
    internal void ReachAgain(int node) => _holding?.ReachAgain(_use, 1u << node);

    /// <inheritdoc cref="Holding.Miss"/>
    internal void Miss(int node) => _holding?.Miss(_use, 1u << node);

    /// <summary>The same, knowing that some nodes were sent the owner id since.</summary>
    internal LockToken Reaching(uint nodes) => new(this, DeadlineTicks, _holding, _use, _unaskedNodes & ~nodes);
}
