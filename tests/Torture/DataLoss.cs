namespace Redlock.Fast.Torture;

/// <summary>A node forgot everything.</summary>
/// <param name="Node">Which one, from 0.</param>
/// <param name="DeadByTicks">Read after its process was gone: no vote of the old life was cast later.</param>
/// <param name="BackFromTicks">Read before it was started again: no vote of the new life was cast earlier.</param>
internal readonly record struct DataLoss(int Node, long DeadByTicks, long BackFromTicks);
