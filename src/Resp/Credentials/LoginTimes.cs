namespace Redlock.Fast.Resp;

/// <summary>When a login is renewed, and how soon a renewal that failed is tried again.</summary>
internal static class LoginTimes
{
    // As early as that leaves a quarter of the life for retries; not at one moment, so that many clients do not ask in step.
    private const double EarliestShare = 0.7;
    private const double Spread = 0.1;

    // So many retries, and more, fit into what is left.
    private const int RetriesLeft = 4;

    // Credentials that hardly live, and whoever can't give any, are not asked for in a storm.
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(100);

    // A token service that is down is asked so often by each connection, and found again soon.
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <param name="left">How long the login still lives.</param>
    /// <param name="jitter">From zero to below one.</param>
    public static TimeSpan UntilRenewal(TimeSpan left, double jitter) => AtLeastShortest(left * (EarliestShare + (Spread * jitter)));

    /// <param name="pause">The back-off's own wait.</param>
    /// <param name="left">How long the login still lives; zero or less if it does not.</param>
    public static TimeSpan UntilRetry(TimeSpan pause, TimeSpan left)
    {
        TimeSpan share = left / RetriesLeft;
        return AtLeastShortest(left > TimeSpan.Zero && share < pause ? share : pause);
    }

    private static TimeSpan AtLeastShortest(TimeSpan wait) => wait < _shortest ? _shortest : wait;
}
