namespace Redlock.Fast.Simulation;

/// <summary>Where a frame that a node executes came from.</summary>
/// <param name="Name">The connection.</param>
/// <param name="IsOver">Whether it was over by then: what was under way still arrives.</param>
internal readonly record struct FrameSender(string Name, bool IsOver);
