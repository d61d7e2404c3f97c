using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

public class PausedNodeTests
{
    private static readonly MutexOptions _options = MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMinutes(5) };

    public static TheoryData<Style> Styles => [Style.Async, Style.Blocking];

    [Theory]
    [MemberData(nameof(Styles))]
    public async Task Its_vote_fails_within_the_node_limit_and_the_rest_lock(Style style)
    {
        Calls calls = Calls.In(style);
        using OwnServers servers = await OwnServers.StartAsync(3);
        using RedlockFactory factory = await servers.ConnectAllAsync();
        RedlockMutex majority = factory.PatientMutex("majority", _options);
        RedlockMutex all = factory.PatientMutex("all", _options with { Quorum = 3, NodeTimeLimit = TimeSpan.FromMilliseconds(200) });
        servers[1].Pause();
        for (int cycle = 0; cycle < 20; cycle++)
        {
            LockResult taken = await calls.TryLockAsync(majority).SoonAsync();
            Assert.True(taken.IsAcquired);
            Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(majority, taken.Token).SoonAsync());
        }

        Assert.Equal(LockStatus.Unavailable, (await calls.TryLockAsync(all).SoonAsync()).Status);
        Assert.Equal(NodeVote.Failed, all.LastAttemptByAnyone[1].Vote);
        Assert.Contains("no reply within the node's time limit", all.LastAttemptByAnyone[1].Error, StringComparison.Ordinal);

        // Known to be silent, it is not waited for.
        RedlockMutex patient = factory.PatientMutex("all", _options with { Quorum = 3, NodeTimeLimit = TimeSpan.FromMinutes(2) });
        Assert.Equal(LockStatus.Unavailable, (await calls.TryLockAsync(patient).SoonAsync()).Status);
        Assert.Contains("has answered nothing since", patient.LastAttemptByAnyone[1].Error, StringComparison.Ordinal);
        servers[1].Resume();
        await Inspection.CaughtUpAsync(factory.Node(1));
        Assert.All(await factory.StoredAsync("majority"), Assert.Null);
        Assert.All(await factory.StoredAsync("all"), Assert.Null);
        LockResult whole = await calls.TryLockAsync(all);
        Assert.True(whole.IsAcquired, string.Join("; ", all.LastAttemptByAnyone));
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public async Task Nothing_of_a_failed_attempt_stays_when_it_comes_back(Style style)
    {
        Calls calls = Calls.In(style);
        using OwnServers servers = await OwnServers.StartAsync(3);
        using RedlockFactory factory = await servers.ConnectAllAsync();
        RedlockMutex mutex = factory.PatientMutex("door", _options with { NodeTimeLimit = TimeSpan.FromMilliseconds(200) });
        servers[0].Pause();
        servers[2].Pause();
        Assert.Equal(LockStatus.Unavailable, (await calls.TryLockAsync(mutex).SoonAsync()).Status);
        Assert.Null((await factory.Node(1).SendAsync("GET", "door")).AsString());
        servers[0].Resume();
        servers[2].Resume();
        await AssertTakenAndReleasedAsync(factory.Node(0));
        await AssertTakenAndReleasedAsync(factory.Node(2));
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public async Task Nothing_of_a_cancelled_attempt_stays_when_it_comes_back(Style style)
    {
        using OwnServers servers = await OwnServers.StartAsync(3);
        using RedlockFactory factory = await servers.ConnectAllAsync();
        using CancellationTokenSource cancellation = new();
        Calls calls = new(style, cancellation.Token);
        RedlockMutex mutex = factory.PatientMutex("door", _options with { NodeTimeLimit = TimeSpan.FromMinutes(2) });
        servers[0].Pause();
        servers[2].Pause();
        Task<LockResult> pending = calls.TryLockAsync(mutex);
        await Eventually.Holds(() => factory.Node(0).Pending > 0 && factory.Node(2).Pending > 0, "both have been asked");
        Assert.False(pending.IsCompleted);
        await cancellation.CancelAsync();
        OperationCanceledException thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending.SoonAsync());
        Assert.Equal(cancellation.Token, thrown.CancellationToken);
        Assert.Null((await factory.Node(1).SendAsync("GET", "door")).AsString());
        servers[0].Resume();
        servers[2].Resume();
        await AssertTakenAndReleasedAsync(factory.Node(0));
        await AssertTakenAndReleasedAsync(factory.Node(2));
    }

    /// <summary>That the SET was executed after all, and its release behind it.</summary>
    private static async Task AssertTakenAndReleasedAsync(RespNode node)
    {
        await Inspection.CaughtUpAsync(node);
        Assert.Equal(0, (await node.SendAsync("EXISTS", "door")).Integer);
        string statistics = (await node.SendAsync("INFO", "commandstats")).AsString()!;
        Assert.Contains("cmdstat_set:calls=1,", statistics, StringComparison.Ordinal);
        Assert.Contains("cmdstat_del:calls=1,", statistics, StringComparison.Ordinal);
    }
}
