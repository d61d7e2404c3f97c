namespace Redlock.Fast;

/// <summary>What the factory's listeners have not heard of the end of a lock: each end is told once.</summary>
internal enum ReleaseNews : byte
{
    /// <summary>Its loss was told, or is nobody's business.</summary>
    None = 0,

    /// <summary>It was given up before; only how this release ends is news.</summary>
    Outcome,

    /// <summary>That it was released too late is news as well.</summary>
    All,
}
