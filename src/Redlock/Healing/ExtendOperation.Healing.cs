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

    private void EndHealing()
    {
        // Whoever has no more than the text may have been overtaken by a release that is under way elsewhere.
        bool isSure = _status == ExtendStatus.Extended && _old.HasHolding;
        _healing!.End(isSure ? _new : default, _old.UnaskedNodes(Nodes.Number), CountNotTaken());
        _healing = null;
    }
}
