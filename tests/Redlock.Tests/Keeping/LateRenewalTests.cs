using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

public class LateRenewalTests
{
    private static readonly TimeSpan _nodeLimit = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan _tick = TimeSpan.FromTicks(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_behind_the_node_s_time_limit_counts_from_when_it_was_asked_for()
    {
        using ScriptedQuorum quorum = new(1);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        quorum.Clock.Advance(KeptQuorum.Period + _tick);
        TimeSpan asked = quorum.Clock.GetElapsedTime(0);
        Assert.Equal(1, quorum.Extensions());

        // Up to the moment at which the lock is told to be lost.
        Assert.Equal(
            held.Remaining, quorum.Clock.GetElapsedTime(quorum.Clock.GetTimestamp(), quorum.Nodes[0].Sent[^1].Request.DeadlineTicks));
        quorum.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.True(quorum.Extensions() > 1);
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        Assert.InRange(held.Remaining, KeptQuorum.Full - TimeSpan.FromSeconds(3) - _tick, KeptQuorum.Full - TimeSpan.FromSeconds(3));
        Assert.True(quorum.Clock.GetElapsedTime(0) - asked == TimeSpan.FromSeconds(3));
        Assert.False(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Others_are_sent_behind_it_and_are_waited_for_as_ever()
    {
        using ScriptedQuorum quorum = new(1);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        quorum.Clock.Advance(KeptQuorum.Period + _tick);
        quorum.Clock.Advance(_nodeLimit + (KeptQuorum.Validity / 20) + (10 * _tick));
        Assert.Equal(2, quorum.Extensions());
        TimeSpan limit = quorum.Clock.GetElapsedTime(quorum.Clock.GetTimestamp(), quorum.Nodes[0].Sent[^1].Request.DeadlineTicks);
        Assert.InRange(limit, _nodeLimit - (20 * _tick), _nodeLimit);
        quorum.Nodes[0].Reply(2, ScriptedQuorum.Done);
        Assert.InRange(held.Remaining, KeptQuorum.Full - (10 * _tick), KeptQuorum.Full);

        // The older one's answer shortens nothing.
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        Assert.InRange(held.Remaining, KeptQuorum.Full - (10 * _tick), KeptQuorum.Full);
    }

    [Fact]
    public async Task An_answer_behind_the_loss_brings_nothing_back_and_is_undone()
    {
        using ScriptedQuorum quorum = new(1);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        quorum.Clock.Advance(KeptQuorum.Validity);
        Assert.True(held.Lost.IsCancellationRequested);
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        Assert.False(held.IsHeld);
        Assert.Equal(1, quorum.Releases());
    }

    [Fact]
    public async Task Late_votes_of_two_renewals_are_not_added_up()
    {
        using ScriptedQuorum quorum = new(3);
        LockHandle held = await quorum.TakeAsync(quorum.KeepingMutex());
        quorum.Clock.Advance(KeptQuorum.Period + _tick);
        quorum.Clock.Advance(_nodeLimit + (KeptQuorum.Validity / 20) + (10 * _tick));
        Assert.Equal(2, quorum.Extensions());
        TimeSpan before = held.Remaining;
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        quorum.Nodes[1].Reply(2, ScriptedQuorum.Done);
        quorum.Nodes[0].Reply(1, ScriptedQuorum.Done);
        Assert.Equal(before, held.Remaining);
        quorum.Nodes[2].Reply(1, ScriptedQuorum.Done);
        Assert.True(held.Remaining > before);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_lock_is_kept_over_a_node_that_takes_several_time_limits_to_answer(int nodes)
    {
        InMemoryNode[] servers = [.. Enumerable.Range(0, nodes).Select(_ => InMemoryNode.Start())];
        await using RedlockFactory locks = RedlockFactory.Create(servers.Select(server => server.Endpoint));
        await Inspection.AllConnectedAsync(locks);
        TimeSpan expiry = TimeSpan.FromSeconds(4);
        RedlockMutex mutex = locks.CreateMutex("door", new MutexOptions
        {
            Expiry = expiry,
            NodeTimeLimit = TimeSpan.FromMilliseconds(100),
            Tries = 100,
            Delay = TimeSpan.FromMilliseconds(10),
            Renew = RenewOptions.Every(1.0 / 3, Timeout.InfiniteTimeSpan),
        });
        LockHandle held = await mutex.LockAsync(Token);
        foreach (InMemoryNode server in servers)
        {
            server.Faults.Delay = TimeSpan.FromMilliseconds(600);
        }

        TimeProvider time = locks.Nodes[0].TimeProvider;
        CancellationToken lost = held.Lost;
        await Eventually.Holds(
            () =>
            {
                Assert.False(lost.IsCancellationRequested);
                return held.Remaining - time.GetElapsedTime(time.GetTimestamp(), held.Token.DeadlineTicks) >= expiry;
            },
            "it was renewed for an expiry beyond its first");
        Assert.True(held.IsHeld);
        foreach (InMemoryNode server in servers)
        {
            server.Faults.Clear();
        }

        await held.DisposeAsync();
        foreach (InMemoryNode server in servers)
        {
            await server.DisposeAsync();
        }
    }
}
