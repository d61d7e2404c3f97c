using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>A server that has just started may have forgotten a lock that is still held.</summary>
public class QuarantineTests
{
    private static readonly MutexOptions _options = MutexOptions.NonBlocking with
    {
        Expiry = TimeSpan.FromMinutes(1),
        NodeTimeLimit = TimeSpan.FromSeconds(5),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_cold_start_of_all_servers_is_unavailable_for_so_long_and_says_so(int nodes)
    {
        using OwnServers servers = await OwnServers.StartAsync(nodes);
        using RedlockFactory factory = Quarantining(servers, nodes, TimeSpan.FromSeconds(3));
        await Inspection.AllConnectedAsync(factory);
        RedlockMutex mutex = factory.CreateMutex(Inspection.NewName(), _options);
        LockResult early = await mutex.TryLockAsync(Token);
        if (!early.IsAcquired)
        {
            Assert.Equal(LockStatus.Unavailable, early.Status);

            // As many as decide it; nobody waits for the others.
            NodeOutcome[] told = [.. mutex.LastAttemptByAnyone.Where(node => node.Vote != NodeVote.NotAwaited)];
            Assert.NotEmpty(told);
            Assert.All(told, node => Assert.Equal((NodeVote.Failed, NodeCause.Quarantined), (node.Vote, node.Cause)));
            Assert.All(told, node => Assert.Matches(@"^\S+: in quarantine for [1-3] s more: ", node.Error));
        }

        LockResult taken = default;
        await Eventually.Holds(async () => (taken = await mutex.TryLockAsync(Token)).IsAcquired);
        Assert.All(factory.Nodes, node => Assert.NotNull(node.Server!.Uptime));
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, Token));
    }

    [Theory]
    [InlineData(Style.Async)]
    [InlineData(Style.Blocking)]
    public async Task It_is_not_believed_that_a_lock_is_free_which_it_may_have_forgotten(Style style)
    {
        Calls calls = Calls.In(style);
        using OwnServers servers = await OwnServers.StartAsync(3);
        using RedlockFactory holder = Quarantining(servers, 3, TimeSpan.Zero);
        using RedlockFactory others = Quarantining(servers, 3, TimeSpan.FromHours(1));
        await Inspection.AllConnectedAsync(holder);
        await Inspection.AllConnectedAsync(others);
        string name = Inspection.NewName();
        RedlockMutex mutex = holder.CreateMutex(name, _options);
        LockResult held = await calls.TryLockAsync(mutex);
        Assert.True(held.IsAcquired);

        // All servers but one forget it, one after the other.
        for (int server = 0; server < 2; server++)
        {
            await servers[server].RestartAsync(NodeData.Lose, Token);
        }

        await Inspection.AllConnectedAsync(others);
        RedlockMutex other = others.CreateMutex(name, _options);
        await Eventually.Holds(async () =>
        {
            LockResult refused = await calls.TryLockAsync(other);
            Assert.False(refused.IsAcquired);
            return other.LastAttemptByAnyone.Count(node => node.Cause == NodeCause.Quarantined) >= 2;
        });
    }

    [Fact]
    public async Task What_it_holds_it_extends_and_releases_as_ever()
    {
        using OwnServers servers = await OwnServers.StartAsync(1);
        using RedlockFactory believing = Quarantining(servers, 1, TimeSpan.Zero);
        using RedlockFactory doubting = Quarantining(servers, 1, TimeSpan.FromHours(1));
        await Inspection.AllConnectedAsync(believing);
        await Inspection.AllConnectedAsync(doubting);
        string name = Inspection.NewName();
        LockResult held = await believing.CreateMutex(name, _options).TryLockAsync(Token);
        RedlockMutex mutex = doubting.CreateMutex(name, _options);
        Assert.Equal(LockStatus.Contended, (await mutex.TryLockAsync(Token)).Status);
        ExtendResult extended = await mutex.ExtendAsync(LockToken.Parse(held.Token.Value), Token);
        Assert.True(extended.IsExtended);
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(extended.Token, Token));
        Assert.Equal(LockStatus.Unavailable, (await mutex.TryLockAsync(Token)).Status);

        // What it granted and was not believed is gone.
        await Eventually.Holds(async () => (await doubting.Node(0).SendAsync("EXISTS", name)).Integer == 0);
    }

    [Fact]
    public async Task It_is_told_when_it_takes_a_vote_away()
    {
        using OwnServers servers = await OwnServers.StartAsync(1);
        using RedlockFactory factory = Quarantining(servers, 1, TimeSpan.FromHours(1));
        TaskCompletionSource<NodeTroubledEventArgs> told = new();
        factory.NodeTroubled += (_, trouble) => told.TrySetResult(trouble);
        await Inspection.AllConnectedAsync(factory);
        Assert.Equal(LockStatus.Unavailable, (await factory.CreateMutex(Inspection.NewName(), _options).TryLockAsync(Token)).Status);
        NodeTroubledEventArgs trouble = await told.Task.SoonAsync();
        Assert.Equal(NodeTrouble.Quarantined, trouble.Trouble);
        Assert.Contains("in quarantine for ", trouble.Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(25)]
    public void Its_length_has_bounds(int days) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RedlockOptions { RestartQuarantine = TimeSpan.FromDays(days) });

    private static RedlockFactory Quarantining(OwnServers servers, int nodes, TimeSpan quarantine) => RedlockFactory.Create(
        new RedlockOptions { RestartQuarantine = quarantine }, Enumerable.Range(0, nodes).Select(server => servers[server].Endpoint));
}
