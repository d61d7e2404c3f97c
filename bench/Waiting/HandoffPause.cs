namespace Redlock.Fast.Bench;

/// <summary>How long a holder holds: at random, so that nobody's clock falls into step, and long enough for all to be cold.</summary>
internal static class HandoffPause
{
    /// <summary>Another one.</summary>
    public static TimeSpan Next() => TimeSpan.FromMilliseconds(2 + (18 * Random.Shared.NextDouble()));
}
