using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>What befalls nodes and channels while somebody waits who would not ask again within hours.</summary>
public sealed class WakeFaultTests
{
    private static readonly MutexOptions _holding = Waiters.Unpolled with { Tries = 1 };

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Channels_that_break_are_heard_again(int nodes)
    {
        using OwnServers servers = await OwnServers.StartAsync(nodes);
        await using RedlockFactory one = await servers.ConnectAllAsync();
        await using RedlockFactory other = await servers.ConnectAllAsync();
        for (int turn = 0; turn < 3; turn++)
        {
            string name = $"door:{turn}";
            LockHandle held = await one.CreateMutex(name, _holding).LockAsync(TestContext.Current.CancellationToken);
            Task<LockHandle> waiting = other.CreateMutex(name, Waiters.Unpolled).LockAsync(TestContext.Current.CancellationToken).AsTask();
            await one.MarkedAsync(name);
            await one.AskAllAsync("CLIENT", "KILL", "TYPE", "pubsub");
            await Eventually.Holds(async () => await SubscribersAsync(one, name) > 0);
            await held.DisposeAsync();
            await (await waiting.SoonAsync()).DisposeAsync();
        }
    }

    [Fact]
    public async Task What_was_published_while_a_channel_was_broken_is_found()
    {
        using OwnServers servers = await OwnServers.StartAsync(1);
        await using RedlockFactory one = await servers.ConnectAllAsync();
        await using RedlockFactory other = await servers.ConnectAllAsync();
        LockHandle held = await one.CreateMutex("door", _holding).LockAsync(TestContext.Current.CancellationToken);
        Task<LockHandle> waiting = other.CreateMutex("door", Waiters.Unpolled).LockAsync(TestContext.Current.CancellationToken).AsTask();
        await one.MarkedAsync("door");
        await one.QuietAsync();
        Task<RespValue> killed = one.Node(0).SendAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await held.DisposeAsync();
        Assert.Equal(1, (await killed).Integer);
        await (await waiting.SoonAsync()).DisposeAsync();
    }

    [Fact]
    public async Task Scripts_that_are_flushed_wake_and_succeed_all_the_same()
    {
        using OwnServers servers = await OwnServers.StartAsync(3);
        await using RedlockFactory one = await servers.ConnectAllAsync();
        await using RedlockFactory other = await servers.ConnectAllAsync();
        RedlockMutex mutex = other.CreateMutex("door", Waiters.Unpolled);
        LockHandle held = await one.CreateMutex("door", _holding).LockAsync(TestContext.Current.CancellationToken);
        Task<LockHandle> first = mutex.LockAsync(TestContext.Current.CancellationToken).AsTask();
        await other.InLineAsync(1);
        Task<LockHandle> second = mutex.LockAsync(TestContext.Current.CancellationToken).AsTask();
        await other.InLineAsync(2);
        await one.MarkedAsync("door");
        await one.AskAllAsync("SCRIPT", "FLUSH");
        await held.DisposeAsync();
        LockHandle taken = await first.SoonAsync();
        await one.AskAllAsync("SCRIPT", "FLUSH");
        await taken.DisposeAsync();
        taken = await second.SoonAsync();
        Assert.True(taken.IsHeld);
        await taken.DisposeAsync();
        await Eventually.Holds(async () => (await one.StoredAsync("door")).All(value => value is null));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_that_is_away_keeps_nobody_waiting_beyond_a_delay(bool isKilled)
    {
        for (int away = 0; away < 3; away++)
        {
            using OwnServers servers = await OwnServers.StartAsync(3);
            await using RedlockFactory one = await servers.ConnectAllAsync();
            await using RedlockFactory other = await servers.ConnectAllAsync();
            MutexOptions options = MutexOptions.Blocking with
            {
                Expiry = TimeSpan.FromHours(1),
                NodeTimeLimit = TimeSpan.FromMilliseconds(200),
                Delay = TimeSpan.FromMilliseconds(100),
                WaitLimit = Timeout.InfiniteTimeSpan,
            };
            LockHandle held = await one.CreateMutex("door", options).LockAsync(TestContext.Current.CancellationToken);
            Task<LockHandle> waiting = other.CreateMutex("door", options).LockAsync(TestContext.Current.CancellationToken).AsTask();
            await one.MarkedAsync("door");
            if (isKilled)
            {
                servers[away].Kill();
            }
            else
            {
                servers[away].Pause();
            }

            await held.DisposeAsync();
            LockHandle next = await waiting.SoonAsync();
            Task<LockHandle> again = one.CreateMutex("door", options).LockAsync(TestContext.Current.CancellationToken).AsTask();
            await one.InLineAsync(1);
            await next.DisposeAsync();
            await (await again.SoonAsync()).DisposeAsync();
        }
    }

    [Fact]
    public async Task A_server_that_comes_back_empty_lets_the_next_one_in()
    {
        using OwnServers servers = await OwnServers.StartAsync(1);
        await using RedlockFactory one = await servers.ConnectAllAsync();
        await using RedlockFactory other = await servers.ConnectAllAsync();
        LockHandle held = await one.CreateMutex("door", _holding).LockAsync(TestContext.Current.CancellationToken);
        MutexOptions polled = Waiters.Unpolled with { Delay = TimeSpan.FromMilliseconds(100), WaitLimit = Timeout.InfiniteTimeSpan };
        Task<LockHandle> waiting = other.CreateMutex("door", polled).LockAsync(TestContext.Current.CancellationToken).AsTask();
        await one.MarkedAsync("door");
        await servers[0].RestartAsync(NodeData.Lose, TestContext.Current.CancellationToken);
        await (await waiting.SoonAsync()).DisposeAsync();
        await held.DisposeAsync();
    }

    [Fact]
    public async Task A_process_that_hears_and_dies_is_no_hindrance()
    {
        using OwnServers servers = await OwnServers.StartAsync(3);
        await using RedlockFactory one = await servers.ConnectAllAsync();
        RedlockFactory dying = await servers.ConnectAllAsync();
        await using RedlockFactory other = await servers.ConnectAllAsync();
        LockHandle held = await one.CreateMutex("door", _holding).LockAsync(TestContext.Current.CancellationToken);
        Task<LockResult> dead = dying.CreateMutex("door", Waiters.Unpolled)
            .TryLockAsync(Timeout.InfiniteTimeSpan, TestContext.Current.CancellationToken).AsTask();
        await one.MarkedAsync("door");
        Task<LockHandle> waiting = other.CreateMutex("door", Waiters.Unpolled).LockAsync(TestContext.Current.CancellationToken).AsTask();
        await Eventually.Holds(async () => await SubscribersAsync(one, "door") == 2);
        await one.QuietAsync();
        dying.Dispose();
        Assert.Equal(LockStatus.Unavailable, (await dead.SoonAsync()).Status);
        await held.DisposeAsync();
        await (await waiting.SoonAsync()).DisposeAsync();
    }

    [Fact]
    public async Task Wakes_for_a_name_that_nobody_waits_for_are_nobodys()
    {
        using OwnServers servers = await OwnServers.StartAsync(1);
        await using RedlockFactory factory = await servers.ConnectAllAsync();
        RedlockMutex mutex = factory.CreateMutex("door", Waiters.Unpolled);
        LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
        Task<LockHandle> waiting = mutex.LockAsync(TestContext.Current.CancellationToken).AsTask();
        await factory.MarkedAsync("door");
        await held.DisposeAsync();
        held = await waiting.SoonAsync();
        for (int wake = 0; wake < 100; wake++)
        {
            await factory.Node(0).SendAsync("PUBLISH", Waiters.MarkOf("door"), "1");
            await factory.Node(0).SendAsync("PUBLISH", Waiters.MarkOf("window"), "1");
        }

        Assert.Equal(0, factory.Waiters);
        Assert.True(held.IsHeld);
        await held.DisposeAsync();
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("")]
    public async Task A_flood_of_forged_wakes_is_not_answered_for_ever(string payload)
    {
        const int Most = 10_000;
        using OwnServers servers = await OwnServers.StartAsync(1);
        await using RedlockFactory factory = await servers.ConnectAllAsync();
        RedlockMutex mutex = factory.CreateMutex("door", Waiters.Unpolled);
        LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
        Task<LockHandle> waiting = mutex.LockAsync(TestContext.Current.CancellationToken).AsTask();
        await factory.MarkedAsync("door");
        await factory.QuietAsync();
        long before = await factory.CallsAsync("evalsha");
        for (int wake = 0; wake < 5 * Most; wake++)
        {
            await factory.Node(0).SendAsync("PUBLISH", Waiters.MarkOf("door"), payload);
        }

        await factory.QuietAsync();
        long asked = await factory.CallsAsync("evalsha") - before;
        Assert.InRange(asked, 1, Most + (Most / 10));
        await held.DisposeAsync();
        await (await waiting.SoonAsync()).DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Nodes_that_are_full_are_not_asked_again_and_again(int nodes)
    {
        const int FewAttempts = 40;
        using OwnServers servers = await OwnServers.StartAsync(nodes);
        await using RedlockFactory one = await servers.ConnectAllAsync();
        await using RedlockFactory other = await servers.ConnectAllAsync();
        LockHandle held = await one.CreateMutex("door", _holding).LockAsync(TestContext.Current.CancellationToken);
        await one.AskAllAsync("CONFIG", "SET", "maxmemory", "1");
        Task<LockHandle> waiting = other.CreateMutex("door", Waiters.Unpolled).LockAsync(TestContext.Current.CancellationToken).AsTask();
        await other.InLineAsync(1);
        await one.QuietAsync();
        long before = await one.CallsAsync("publish") + await one.AttemptsAsync();
        for (int node = 0; node < nodes; node++)
        {
            await one.Node(node).SendAsync("PUBLISH", Waiters.MarkOf("door"), "2");
        }

        await one.QuietAsync();
        Assert.InRange(await one.CallsAsync("publish") + await one.AttemptsAsync() - before, 1, FewAttempts);
        await one.AskAllAsync("CONFIG", "SET", "maxmemory", "0");
        await one.AskAllAsync("PUBLISH", Waiters.MarkOf("door"), "2");
        await one.MarkedAsync("door");
        await held.DisposeAsync();
        await (await waiting.SoonAsync()).DisposeAsync();
    }

    private static async Task<long> SubscribersAsync(RedlockFactory factory, string name)
    {
        long subscribers = 0;
        foreach (RespValue reply in await factory.AskAllAsync("PUBSUB", "NUMSUB", Waiters.MarkOf(name)))
        {
            subscribers += reply.Items[1].Integer;
        }

        return subscribers;
    }
}
