using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>A server that restarts matters while locks are held that it may have forgotten.</summary>
[Collection(nameof(ListeningAlone))]
public class RestartsTests
{
    [Fact]
    public async Task Only_a_restart_under_a_lock_that_is_older_counts()
    {
        using ScriptedQuorum quorum = new(1);
        using ScriptedQuorum other = new(1);
        Restarts restarts = new(1, FactoryNumberOf(await quorum.TakeAsync(quorum.Mutex())));
        Note("a", uptimeSeconds: 100);
        Assert.Equal(0, restarts.UnderLocks(0));

        // The same server again, and one that does not say.
        Note("a", uptimeSeconds: 100);
        Note(null, uptimeSeconds: 0);
        Assert.Equal(0, restarts.UnderLocks(0));

        // It started after the lock was taken, unless it says that it is older; of one that does not say, that is taken for granted.
        quorum.Clock.Advance(TimeSpan.FromSeconds(2));
        Note("b", uptimeSeconds: 1);
        Assert.Equal(1, restarts.UnderLocks(0));
        Note("c", uptimeSeconds: 3);
        Assert.Equal(1, restarts.UnderLocks(0));
        Note("d", uptimeSeconds: null);
        Assert.Equal(2, restarts.UnderLocks(0));

        // The lock has run out, and that of another factory is none of these servers' business.
        quorum.Clock.Advance(KeptQuorum.Validity);
        LockHandle held = await other.TakeAsync(other.Mutex());
        Note("e", uptimeSeconds: 0);
        Assert.Equal(2, restarts.UnderLocks(0));
        GC.KeepAlive(held);

        void Note(string? runId, int? uptimeSeconds) => restarts.Note(0, new RespServer
        {
            RunId = runId,
            Uptime = uptimeSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            StartedByTicks = quorum.Clock.GetTimestamp() - ((uptimeSeconds ?? 0) * quorum.Clock.TimestampFrequency),
        });
    }

    private static int FactoryNumberOf(LockHandle held)
    {
        Assert.True(held.Token.HasHolding);
        return LockMetrics.Holding.Holdings.Present().Max(holding => holding.Factory);
    }
}
