namespace Redlock.Fast.Torture;

/// <summary>A time in which a node was not left alone.</summary>
/// <param name="Kind">What was done to it.</param>
/// <param name="Node">Which one, from 0.</param>
/// <param name="StartTicks">Read before the fault.</param>
/// <param name="EndTicks">Read when it was over.</param>
internal readonly record struct Disturbance(FaultKind Kind, int Node, long StartTicks, long EndTicks);
