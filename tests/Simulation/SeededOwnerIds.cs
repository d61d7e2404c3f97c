namespace Redlock.Fast.Simulation;

/// <summary>Owner ids that are the same in every run of one seed.</summary>
internal sealed class SeededOwnerIds(SeededRandom random) : OwnerIdSource
{
    protected override void Fill(Span<byte> target) => random.NextBytes(target);
}
