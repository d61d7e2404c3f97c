using System.Collections.Concurrent;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>Nodes that let nobody subscribe or publish lock all the same; who waits is woken by others, or asks now and then.</summary>
public sealed class WakeRightsTests
{
    private const string Commands = "+set +get +del +pttl +pexpire +eval +evalsha +script|load +select +client|setname ~*";
    private const string Hears = "+subscribe +unsubscribe +ping &*";
    private const string Publishes = "+publish +pubsub|numsub &*";

    private static readonly TimeSpan _often = TimeSpan.FromMilliseconds(50);

    private static MutexOptions Polled { get; } = Waiters.Unpolled with { Delay = _often, WaitLimit = Timeout.InfiniteTimeSpan };

    [Fact]
    public async Task The_rights_that_operating_names_are_enough_to_be_woken()
    {
        string row = File.ReadLines(Path.Combine(SourceTree.Root, "docs", "operating.md")).Single(
            line => line.StartsWith("| ACL |", StringComparison.Ordinal));
        string rights = row.Split('`')[1].Replace("\\|", "|", StringComparison.Ordinal);
        await using Quorum quorum = await Quorum.StartAsync([rights, rights, rights]);
        MutexOptions options = Waiters.Unpolled with { KeyPrefix = "your-prefix:" };
        LockHandle held = await quorum.One.CreateMutex("door", options).LockAsync(TestContext.Current.CancellationToken);
        Task<LockHandle> first = quorum.Other.CreateMutex("door", options).LockAsync(TestContext.Current.CancellationToken).AsTask();
        await quorum.Admin.MarkedAsync("your-prefix:door");
        Task<LockHandle> second = quorum.Other.CreateMutex("door", options).LockAsync(TestContext.Current.CancellationToken).AsTask();
        await held.DisposeAsync();
        await (await first.SoonAsync()).DisposeAsync();
        await (await second.SoonAsync()).DisposeAsync();
        Assert.Empty(quorum.Troubles);
    }

    [Fact]
    public async Task Where_one_node_refuses_another_one_wakes()
    {
        for (int deaf = 0; deaf < 3; deaf++)
        {
            string[] rights = [$"{Commands} {Hears} {Publishes}", $"{Commands} {Hears} {Publishes}", $"{Commands} {Hears} {Publishes}"];
            rights[deaf] = $"{Commands} resetchannels";
            await using Quorum quorum = await Quorum.StartAsync(rights);
            for (int turn = 0; turn < 4; turn++)
            {
                string name = $"door:{turn}";
                LockHandle held = await quorum.One.CreateMutex(name, Waiters.Unpolled).LockAsync(TestContext.Current.CancellationToken);
                await quorum.Admin.HeldByAllAsync(name);
                Task<LockHandle> waiting = quorum.Other.CreateMutex(name, Waiters.Unpolled)
                    .LockAsync(TestContext.Current.CancellationToken).AsTask();
                await Eventually.Holds(() => quorum.Other.Waiters == 1);
                await quorum.Admin.MarkedAsync(name);
                await quorum.Admin.QuietAsync();
                await held.DisposeAsync();
                await (await waiting.SoonAsync()).DisposeAsync();
            }

            Assert.All(quorum.Troubles, trouble => Assert.Equal(NodeTrouble.WakesRefused, trouble.Trouble));
            Assert.InRange(quorum.Troubles.Count(trouble => trouble.Node == quorum.Other.Nodes[deaf].Name), 1, 2);
            Assert.Equal(quorum.Troubles.Count, quorum.Troubles.Select(trouble => trouble.Node + trouble.Words).Distinct().Count());
        }
    }

    [Theory]
    [InlineData("resetchannels")]
    [InlineData($"{Hears}")]
    [InlineData("+publish +pubsub|numsub &*")]
    public async Task Where_all_refuse_they_are_asked_from_time_to_time(string right)
    {
        await using Quorum quorum = await Quorum.StartAsync([.. Enumerable.Repeat($"{Commands} resetchannels {right}", 3)]);
        LockHandle held = await quorum.One.CreateMutex("door", Polled).LockAsync(TestContext.Current.CancellationToken);
        Task<LockHandle> waiting = quorum.Other.CreateMutex("door", Polled).LockAsync(TestContext.Current.CancellationToken).AsTask();
        await quorum.Admin.MarkedAsync("door");
        await held.DisposeAsync();
        LockHandle next = await waiting.SoonAsync();
        Assert.Equal(UnlockStatus.Released, await quorum.Other.CreateMutex("door", Polled).UnlockAsync(
            next.Token, TestContext.Current.CancellationToken));
        await Eventually.Holds(() => !quorum.Troubles.IsEmpty);
        Assert.All(quorum.Troubles, trouble => Assert.Equal(NodeTrouble.WakesRefused, trouble.Trouble));
        Assert.True(quorum.Troubles.Count <= 6, string.Join('\n', quorum.Troubles.Select(trouble => trouble.Node + ": " + trouble.Words)));
    }

    [Fact]
    public async Task Where_one_node_publishes_nothing_who_sleeps_on_it_asks_from_time_to_time()
    {
        for (int mute = 0; mute < 3; mute++)
        {
            string[] rights = [$"{Commands} {Hears} {Publishes}", $"{Commands} {Hears} {Publishes}", $"{Commands} {Hears} {Publishes}"];
            rights[mute] = $"{Commands} {Hears}";
            await using Quorum quorum = await Quorum.StartAsync(rights);
            for (int turn = 0; turn < 4; turn++)
            {
                string name = $"door:{turn}";
                LockHandle held = await quorum.One.CreateMutex(name, Polled).LockAsync(TestContext.Current.CancellationToken);
                await quorum.Admin.HeldByAllAsync(name);
                Task<LockHandle> waiting = quorum.Other.CreateMutex(name, Polled).LockAsync(TestContext.Current.CancellationToken).AsTask();
                await Eventually.Holds(
                    async () => (await quorum.Admin.AskAllAsync("EXISTS", Waiters.MarkOf(name)))[mute].Integer == 1,
                    "the node that publishes nothing has the mark");
                await held.DisposeAsync();
                await (await waiting.SoonAsync()).DisposeAsync();
            }

            await Eventually.Holds(() => !quorum.Troubles.IsEmpty, "the node that publishes nothing is told of");
            Assert.All(quorum.Troubles, trouble => Assert.Equal(NodeTrouble.WakesRefused, trouble.Trouble));
            Assert.All(quorum.Troubles, trouble => Assert.Equal(quorum.One.Nodes[mute].Name, trouble.Node));
            Assert.True(quorum.Troubles.Count <= 2, "each process tells of it once");
        }
    }

    [Fact]
    public async Task Without_wakes_the_keys_of_the_locks_are_enough()
    {
        const string OnlyLocks =
            "+set +get +del +pttl +pexpire +eval +evalsha +script|load +select +client|setname resetkeys ~door resetchannels";
        await using Quorum quorum = await Quorum.StartAsync([OnlyLocks, OnlyLocks, OnlyLocks], new RedlockOptions { Wakes = false });
        RedlockMutex mutex = quorum.One.CreateMutex("door", Polled);
        LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken);
        Task<LockHandle> here = mutex.LockAsync(TestContext.Current.CancellationToken).AsTask();
        Task<LockHandle> there = quorum.Other.CreateMutex("door", Polled).LockAsync(TestContext.Current.CancellationToken).AsTask();
        await Eventually.Holds(() => quorum.One.Waiters == 1 && quorum.Other.Waiters == 1);
        await held.DisposeAsync();

        // A poll from elsewhere may come just then, and go first.
        Task<LockHandle> first = await Task.WhenAny(here, there).SoonAsync();
        await (await first).DisposeAsync();
        await (await (first == here ? there : here).SoonAsync()).DisposeAsync();
        Assert.Empty(quorum.Troubles);
        Assert.All(await quorum.Admin.AskAllAsync("DBSIZE"), size => Assert.Equal(0, size.Integer));
    }

    /// <summary>Servers with a user of their own for locks, two processes that are this user, and one that may everything.</summary>
    private sealed class Quorum : IAsyncDisposable
    {
        private readonly TempRedis[] _servers;

        private Quorum(TempRedis[] servers, RedlockOptions options)
        {
            _servers = servers;
            string[] endpoints = Array.ConvertAll(servers, server => $"redis://locks:secret@{server.Endpoint}");
            One = RedlockFactory.Create(options, endpoints);
            Other = RedlockFactory.Create(options, endpoints);
            Admin = RedlockFactory.Create(servers.Select(server => server.Endpoint));
            One.NodeTroubled += (_, trouble) => Troubles.Add(trouble);
            Other.NodeTroubled += (_, trouble) => Troubles.Add(trouble);
        }

        public RedlockFactory One { get; }

        public RedlockFactory Other { get; }

        public RedlockFactory Admin { get; }

        public ConcurrentBag<NodeTroubledEventArgs> Troubles { get; } = [];

        public static async Task<Quorum> StartAsync(string[] rights, RedlockOptions? options = null)
        {
            InstalledRedis.Require();
            TempRedis[] servers = await Task.WhenAll(rights.Select(right => TempRedis.StartAsync(
                new TempRedisOptions { Configuration = [$"user locks on >secret {right}"] }, TestContext.Current.CancellationToken)));
            Quorum quorum = new(servers, options ?? new RedlockOptions());
            await Inspection.AllConnectedAsync(quorum.One);
            await Inspection.AllConnectedAsync(quorum.Other);
            await Inspection.AllConnectedAsync(quorum.Admin);
            return quorum;
        }

        public async ValueTask DisposeAsync()
        {
            await One.DisposeAsync();
            await Other.DisposeAsync();
            await Admin.DisposeAsync();
            foreach (TempRedis server in _servers)
            {
                server.Dispose();
            }
        }
    }
}
