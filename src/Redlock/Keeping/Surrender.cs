namespace Redlock.Fast;

/// <summary>A lock that its holder has given up: what its release sends, and what there is to tell about it.</summary>
/// <param name="Token">The owner with the newest deadline known; <c>default</c> if there is nothing to release.</param>
/// <param name="SinceTicks">Since when it was held.</param>
/// <param name="News">Whether its end is still to be told.</param>
/// <param name="Successions">How often in a row it had been handed on before it came to its holder, as far as is known.</param>
internal readonly record struct Surrender(LockToken Token, long SinceTicks, ReleaseNews News, int Successions)
{
    /// <summary>Of a lock that came as text, or was detached: as often as ever, so that others get their turn first.</summary>
    public const int SuccessionsUnknown = int.MaxValue;

    /// <summary>One of which nothing is known but its token.</summary>
    public static Surrender OfUnknown(MutexDefinition mutex, LockToken token) =>
        new(token, token.DeadlineTicks - mutex.ValidityTicks, ReleaseNews.All, SuccessionsUnknown);
}
