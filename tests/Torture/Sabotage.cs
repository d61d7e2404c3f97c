namespace Redlock.Fast.Torture;

/// <summary>What holders do wrong on purpose, to prove that it would be seen.</summary>
internal enum Sabotage
{
    None = 0,

    /// <summary>They go on relying on a name for a while after they have released it.</summary>
    ClaimAfterRelease,
}
