namespace Redlock.Fast;

internal abstract partial class QuorumOperation
{
    /// <summary>Of how many nodes nothing will be told, as they took no frame of this round.</summary>
    protected int CountNotTaken() => Nodes.Channels.Length - _round.CountTaken();
}
