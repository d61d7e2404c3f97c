using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

public class LostNodeTests
{
    private static readonly MutexOptions _options = MutexOptions.NonBlocking with
    {
        Expiry = TimeSpan.FromMinutes(1),
        NodeTimeLimit = TimeSpan.FromSeconds(10),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, NodeData.Lose)]
    [InlineData(1, NodeData.Keep)]
    [InlineData(3, NodeData.Lose)]
    public async Task A_restarted_node_is_used_again(int nodes, NodeData data)
    {
        using OwnServers servers = await OwnServers.StartAsync(nodes);
        using RedlockFactory factory = await servers.ConnectAllAsync();
        RedlockMutex mutex = factory.PatientMutex("door", _options with { Quorum = nodes });
        LockResult before = await mutex.TryLockAsync(Token);
        Assert.True(before.IsAcquired);
        await servers[0].RestartAsync(data, Token);

        await Eventually.Holds(() => factory.Node(0).Reconnects == 1 && factory.Node(0).IsConnected, "the node is back");
        LockResult after = await mutex.TryLockAsync(Token);
        bool remembers = data == NodeData.Keep || nodes > 1;
        Assert.Equal(remembers ? LockStatus.Contended : LockStatus.Acquired, after.Status);
        UnlockStatus unlocked = await mutex.UnlockAsync(before.Token, Token);
        Assert.Equal(data == NodeData.Keep ? UnlockStatus.Released : UnlockStatus.NotHeld, unlocked);
    }

    [Theory]
    [InlineData(Style.Async)]
    [InlineData(Style.Blocking)]
    public async Task Two_of_five_may_die_and_the_third_is_an_outage(Style style)
    {
        Calls calls = Calls.In(style);
        using OwnServers servers = await OwnServers.StartAsync(5);
        using RedlockFactory factory = await servers.ConnectAllAsync();
        RedlockMutex mutex = factory.PatientMutex("door", _options);
        servers[1].Kill();
        servers[3].Kill();
        LockResult taken = default;
        for (int cycle = 0; cycle < 50; cycle++)
        {
            taken = await calls.TryLockAsync(mutex);
            Assert.True(taken.IsAcquired, string.Join("; ", mutex.LastAttemptByAnyone));
            ExtendResult extended = await calls.ExtendAsync(mutex, taken.Token);
            Assert.Equal(ExtendStatus.Extended, extended.Status);
            Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, taken.Token));
        }

        taken = await calls.TryLockAsync(mutex);
        servers[0].Kill();
        for (int cycle = 0; cycle < 50; cycle++)
        {
            Assert.Equal(LockStatus.Unavailable, (await calls.TryLockAsync(mutex)).Status);
            Assert.Contains(mutex.LastAttemptByAnyone, outcome => outcome.Vote == NodeVote.Failed && outcome.Error is not null);
        }

        Assert.Equal(ExtendStatus.Unavailable, (await calls.ExtendAsync(mutex, taken.Token)).Status);
        Assert.Equal(UnlockStatus.Unknown, await calls.UnlockAsync(mutex, taken.Token));
        LockFailedException failure = await Assert.ThrowsAsync<LockFailedException>(() => calls.LockAsync(mutex));
        Assert.Equal(LockStatus.Unavailable, failure.Status);
        Assert.Contains("unavailable", failure.Message, StringComparison.Ordinal);
        Assert.All((int[])[0, 1, 3], node => Assert.Contains(factory.Nodes[node].Name + ": ", failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_knows_the_scripts_before_it_is_asked_to_run_them()
    {
        using OwnServers servers = await OwnServers.StartAsync(1);
        using RedlockFactory factory = servers.Connect();
        RedlockMutex mutex = factory.PatientMutex("door", _options);
        for (int connection = 0; connection < 2; connection++)
        {
            LockResult taken = await mutex.TryLockAsync(Token);
            Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, Token));
            string statistics = (await factory.Node(0).SendAsync("INFO", "everything")).AsString()!;
            Assert.Contains("cmdstat_script|load:calls=3,", statistics, StringComparison.Ordinal);
            Assert.DoesNotContain("errorstat_NOSCRIPT", statistics, StringComparison.Ordinal);
            Assert.Contains("cmdstat_eval:calls=1,", statistics, StringComparison.Ordinal);
            await servers[0].RestartAsync(NodeData.Lose, Token);
            await Eventually.Holds(() => factory.Node(0).Reconnects == connection + 1 && factory.Node(0).IsConnected, "the node is back");
        }
    }

    [Theory]
    [InlineData(Style.Async)]
    [InlineData(Style.Blocking)]
    public async Task A_node_that_forgot_its_scripts_is_told_them_again(Style style)
    {
        Calls calls = Calls.In(style);
        using OwnServers servers = await OwnServers.StartAsync(3);
        using RedlockFactory factory = await servers.ConnectAllAsync();
        RedlockMutex mutex = factory.PatientMutex("door", _options);
        for (int cycle = 0; cycle < 5; cycle++)
        {
            LockResult taken = await calls.TryLockAsync(mutex);
            await factory.AskAllAsync("SCRIPT", "FLUSH");
            Assert.Equal(ExtendStatus.Extended, (await calls.ExtendAsync(mutex, taken.Token)).Status);
            await factory.AskAllAsync("SCRIPT", "FLUSH");
            Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, taken.Token));

            // On a node that forgot it, the release goes out a second time, now behind what was asked meanwhile.
            await Eventually.Holds(async () => (await factory.StoredAsync("door")).All(value => value is null), "every node has released");
        }
    }
}
