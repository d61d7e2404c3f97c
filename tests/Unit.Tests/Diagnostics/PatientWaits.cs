namespace Redlock.Fast.Unit.Tests;

/// <summary>Steps that tests of measured waits share, under a clock that stands still.</summary>
internal static class PatientWaits
{
    public const string Wakes = "redlock.wait.wakes";
    public const string HeldForLong = ":7000000\r\n";

    public static readonly TimeSpan Delay = TimeSpan.FromHours(1);
    public static readonly TimeSpan Wait = TimeSpan.FromMinutes(90);
    public static readonly TimeSpan While = TimeSpan.FromMilliseconds(20);

    public static MutexOptions Patient { get; } = MutexOptions.Blocking with
    {
        Expiry = TimeSpan.FromHours(2),
        DelayFunction = _ => Delay,
        NodeTimeLimit = TimeSpan.FromSeconds(1),
    };

    public static (double Value, string Tags) Wake(string cause) => (1, $"redlock.cause={cause}");

    public static void AssertEnded(MeasurementLog log, string end, TimeSpan waited)
    {
        (double seconds, string tags) = Assert.Single(log.Of("redlock.wait.duration"));
        Assert.Equal($"redlock.wait.end={end}", tags);
        Assert.Equal(waited.TotalSeconds, seconds, 6);
    }

    // The caller's own flow takes the result, which is where figures are told.
    public static async Task<LockResult> TryAsync(RedlockMutex mutex, TimeSpan wait, CancellationToken token) =>
        await mutex.TryLockAsync(wait, token);

    public static Task<LockResult> WaitBehindSomebody(ScriptedQuorum quorum, RedlockMutex mutex)
    {
        Task<LockResult> waiting = TryAsync(mutex, Wait, TestContext.Current.CancellationToken);
        quorum.AnswerAttempts(ScriptedQuorum.Nil);
        Assert.Equal(1, quorum.Factory.Waiters);
        return waiting;
    }
}
