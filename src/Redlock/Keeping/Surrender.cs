namespace Redlock.Fast;

/// <summary>A lock that its holder has given up: what its release sends, and what there is to tell about it.</summary>
/// <param name="Token">The owner with the newest deadline known; <c>default</c> if there is nothing to release.</param>
/// <param name="SinceTicks">Since when it was held.</param>
/// <param name="News">Whether its end is still to be told.</param>
internal readonly record struct Surrender(LockToken Token, long SinceTicks, ReleaseNews News);
