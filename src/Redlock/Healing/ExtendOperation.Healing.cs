namespace Redlock.Fast;

// What an extension that a quorum granted does for the nodes that have lost the key.
internal sealed partial class ExtendOperation
{
    private Healing? _healing;

    private Healing BeginHealing()
    {
        _healing = Nodes.Healings.Rent();
        _healing.Begin(this, RoundTag);
        return _healing;
    }

    /// <summary>In front of the last look at the clock: what is sent takes time.</summary>
    /// <param name="held">The owner as it is known before this extension; <c>default</c> if it is lost or given up.</param>
    private void EndHealing(in LockToken held)
    {
        // Whoever has no more than the text may have been overtaken by a release that is under way elsewhere.
        bool isHeld = _status == ExtendStatus.Extended && _old.HasHolding && !held.IsDefault && !Mutex.IsPast(held.DeadlineTicks);
        _healing!.End(isHeld ? _new : default, _old.UnaskedNodes(Nodes.Number), CountNotTaken());
        _healing = null;
    }
}
