using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>Two addresses of one server have one vote.</summary>
public class TwinTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Style.Async)]
    [InlineData(Style.Blocking)]
    public async Task The_second_address_of_a_server_does_not_vote_and_says_of_which_it_is_the_twin(Style style)
    {
        Calls calls = Calls.In(style);
        using OwnServers servers = await OwnServers.StartAsync(2);
        string[] nodes = [servers[0].Endpoint, servers[0].UnixEndpoint, servers[1].Endpoint];
        using RedlockFactory factory = RedlockFactory.Create(nodes);
        List<NodeTroubledEventArgs> troubles = [];
        factory.NodeTroubled += (_, told) =>
        {
            lock (troubles)
            {
                troubles.Add(told);
            }
        };
        await Inspection.AllConnectedAsync(factory);
        Assert.Equal(factory.Nodes[0].Server!.RunId, factory.Nodes[1].Server!.RunId);
        RedlockMutex mutex = factory.PatientMutex(Inspection.NewName(), MutexOptions.NonBlocking with { Quorum = 2 });
        for (int turn = 0; turn < 3; turn++)
        {
            LockResult taken = await calls.TryLockAsync(mutex);
            Assert.True(taken.IsAcquired, string.Join('\n', mutex.LastAttemptByAnyone));
            Assert.True((await calls.ExtendAsync(mutex, taken.Token)).IsExtended);
            Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, taken.Token));
        }

        // One server alone is no quorum, though it answers for two.
        servers[1].Kill();
        await Eventually.Holds(async () =>
        {
            Assert.Equal(LockStatus.Unavailable, (await calls.TryLockAsync(mutex)).Status);
            return mutex.LastAttemptByAnyone[1].Cause == NodeCause.Twin;
        });
        NodeOutcome twin = mutex.LastAttemptByAnyone[1];
        Assert.Equal(NodeVote.Misconfigured, twin.Vote);
        Assert.StartsWith($"{nodes[1]}: the same server as {nodes[0]} ", twin.Error, StringComparison.Ordinal);
        Assert.Contains("one server has one vote", twin.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_comes_to_lead_to_the_server_of_another_loses_its_vote_and_gets_it_back()
    {
        using OwnServers servers = await OwnServers.StartAsync(3);
        TempName name = new(servers[2].Port);
        using RespNode one = RespNode.Connect(servers[0].Endpoint);
        using RespNode two = RespNode.Connect(servers[1].Endpoint);
        using RespNode moving = new(name.Dialer, new RespNodeOptions());
        using RedlockFactory factory = new(one, two, moving);
        await Inspection.AllConnectedAsync(factory);
        RedlockMutex mutex = factory.PatientMutex(Inspection.NewName(), MutexOptions.NonBlocking with { Quorum = 3 });
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync((await mutex.TryLockAsync(Token)).Token, Token));

        name.MoveTo(servers[0].Port);
        servers[2].Kill();
        await Eventually.Holds(async () =>
            !(await mutex.TryLockAsync(Token)).IsAcquired && mutex.LastAttemptByAnyone[2].Cause == NodeCause.Twin);

        await servers[2].RestartAsync(NodeData.Lose, Token);
        name.MoveTo(servers[2].Port);
        await moving.SendAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no").ContinueWith(_ => { }, TaskScheduler.Default);
        LockResult taken = default;
        await Eventually.Holds(async () => (taken = await mutex.TryLockAsync(Token)).IsAcquired);
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, Token));
    }
}
