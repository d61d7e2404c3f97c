using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Extensions.Tests;

public class LoggingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_that_comes_goes_and_is_refused_is_written_down_without_a_flood()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RecordedLog log = new();
        using IHost host = Over(node, log);
        await host.StartAsync(Token);
        await Eventually.Holds(() => log.Of("NodeConnected").Count == 1, "it is connected");
        Assert.Equal($"Redlock: the node {node.Endpoint} is connected.", log.Of("NodeConnected")[0]);
        int ends = 0;
        Assert.IsType<RespNode>(Assert.Single(host.Services.GetRequiredService<RedlockFactory>().Nodes)).StateChanged += (_, state) =>
        {
            if (state == RespNodeState.Disconnected)
            {
                Interlocked.Increment(ref ends);
            }
        };
        node.Stop();
        await Eventually.Holds(() => log.Of("NodeLost").Count == 1, "it is lost");

        // One of them is the loss; each of the others would be written without a limit, and is by the time that what follows them is.
        await Eventually.Holds(() => Volatile.Read(ref ends) >= 7, "many dials have failed");
        node.Restart(NodeData.Keep);
        await Eventually.Holds(() => log.Of("NodeConnected").Count == 2, "it is back");
        Assert.Equal(2, log.Of("NodeRefused").Count);
        Assert.Contains(node.Endpoint, log.Of("NodeRefused")[0], StringComparison.Ordinal);
        Assert.Empty(log.Of("LeftOut"));
    }

    [Fact]
    public async Task A_log_that_throws_ends_neither_the_process_nor_the_log()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RecordedLog log = new();
        using IHost host = Over(node, log);
        await host.StartAsync(Token);
        await Eventually.Holds(() => log.Of("NodeConnected").Count == 1, "it is connected");
        log.ThrowsAt = "NodeLost";
        node.Stop();
        await Eventually.Holds(() => log.Thrown == 1, "the log has thrown");
        node.Restart(NodeData.Keep);
        await Eventually.Holds(() => log.Of("NodeConnected").Count == 2, "it is back");
    }

    [Fact]
    public void A_message_that_nobody_would_see_uses_up_no_room()
    {
        using RecordedLog log = new() { Least = LogLevel.Critical };
        LimitedMessage message = new(
            log.CreateLogger("test"),
            "Redlock",
            "NodeLost",
            LogLevel.Warning,
            new LogLimit(most: 1, TimeSpan.FromHours(1), TimeProvider.System));
        Assert.False(message.MayWrite());
        log.Least = LogLevel.Trace;
        Assert.True(message.MayWrite());
        Assert.False(message.MayWrite());
        Assert.Empty(log.Entries);
    }

    [Fact]
    public void What_was_left_out_is_told_before_the_next()
    {
        using RecordedLog log = new();
        ManualTimeProvider time = new();
        LimitedMessage message = new(
            log.CreateLogger("test"), "Redlock", "NodeLost", LogLevel.Warning, new LogLimit(most: 1, TimeSpan.FromHours(1), time));
        Assert.True(message.MayWrite());
        Assert.False(message.MayWrite());
        Assert.False(message.MayWrite());
        time.Advance(TimeSpan.FromHours(1));
        Assert.True(message.MayWrite());
        Assert.Equal("Redlock: 2 messages NodeLost like the next were left out.", Assert.Single(log.Of("LeftOut")));
    }

    [Fact]
    public async Task A_lost_lock_and_a_release_without_an_answer_are_written_down()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RecordedLog log = new();
        using IHost host = Over(node, log);
        await host.StartAsync(Token);
        LockProvider locks = host.Services.GetRequiredService<LockProvider>();
        await locks.Factory.WaitUntilConnectedAsync(Token);
        LockHandle kept = await locks.CreateMutex("door", defaults => defaults with
        {
            Renew = RenewOptions.Every(0.001, Timeout.InfiniteTimeSpan),
        }).LockAsync(Token);
        LockHandle other = await locks.CreateMutex("window").LockAsync(Token);
        node.Faults.LoseAllData();
        await Eventually.Holds(() => log.Of("LockLost").Count == 1, "the loss is written down");
        Assert.Contains("'door'", log.Of("LockLost")[0], StringComparison.Ordinal);
        Assert.Contains(nameof(LossReason.Refused), log.Of("LockLost")[0], StringComparison.Ordinal);
        node.Stop();
        await Eventually.Holds(() => log.Of("NodeLost").Count == 1, "the node is gone");
        await other.DisposeAsync();
        await Eventually.Holds(() => log.Of("ReleaseUnknown").Count == 1, "the release is written down");
        Assert.Contains("'window'", log.Of("ReleaseUnknown")[0], StringComparison.Ordinal);
        Assert.False(kept.IsHeld);
        Assert.Contains(log.Entries, entry => entry.Level == LogLevel.Error);
    }

    [Fact]
    public async Task A_node_that_refuses_and_one_that_stalls_are_written_down_once_each_and_early()
    {
        await using InMemoryNode refusing = InMemoryNode.Start();
        await using InMemoryNode stalled = InMemoryNode.Start();
        await using InMemoryNode well = InMemoryNode.Start();
        using RecordedLog log = new();
        using IHost host = Hosts.Build(
            services => services.AddRedlock(options =>
            {
                options.Nodes.Add(refusing.Endpoint);
                options.Nodes.Add(stalled.Endpoint);
                options.Nodes.Add(well.Endpoint);
                options.Defaults.NodeTimeLimit = TimeSpan.FromMilliseconds(100);
            }),
            log);
        await host.StartAsync(Token);
        LockProvider locks = host.Services.GetRequiredService<LockProvider>();
        await locks.Factory.WaitUntilConnectedAsync(quorum: 3, Token);
        RedlockMutex mutex = locks.CreateMutex("door", defaults => defaults with { Tries = 1 });
        refusing.Faults.ReplyWithError("OOM command not allowed\u001b[2J when used memory > 'maxmemory'.", "SET");
        stalled.Faults.Stall();
        for (int attempt = 0; attempt < 5; attempt++)
        {
            Assert.Equal(LockStatus.Unavailable, (await mutex.TryLockAsync(Token)).Status);
        }

        // On a busy machine the other two may be late as well.
        await Eventually.Holds(() => log.Of("NodeRefuses").Count > 0 && log.Of("NodeIsMissed").Any(IsOfStalled), "both are written down");
        Assert.Equal(
            $"Redlock: the node {refusing.Endpoint} refuses locks: OOM command not allowed?[2J when used memory > 'maxmemory'.",
            Assert.Single(log.Of("NodeRefuses")));
        Assert.Contains(" gives no votes: no reply within", Assert.Single(log.Of("NodeIsMissed"), IsOfStalled), StringComparison.Ordinal);

        bool IsOfStalled(string line) => line.Contains(stalled.Endpoint, StringComparison.Ordinal);
        stalled.Faults.Resume();
    }

    [Fact]
    public async Task Work_that_outlasts_its_lock_is_written_down_as_one_line()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RecordedLog log = new();
        using IHost host = Over(node, log);
        await host.StartAsync(Token);
        LockProvider locks = host.Services.GetRequiredService<LockProvider>();
        await locks.Factory.WaitUntilConnectedAsync(Token);
        LockHandle held = await locks.CreateMutex("door", defaults => defaults with
        {
            Expiry = TimeSpan.FromSeconds(1),
            NodeTimeLimit = TimeSpan.FromMilliseconds(900),
        }).LockAsync(Token);
        await Eventually.Holds(() => !held.IsHeld, "it has run out");
        await held.DisposeAsync();
        await Eventually.Holds(() => log.Of("LockOutlasted").Count == 1, "it is written down");
        Assert.StartsWith("Redlock: the lock 'door' was released 00:00:0", log.Of("LockOutlasted")[0], StringComparison.Ordinal);
        Assert.Empty(log.Of("LockLost"));
        Assert.Empty(log.Of("ReleaseUnknown"));
    }

    [Theory]
    [InlineData(ReleaseMode.Confirmed)]
    [InlineData(ReleaseMode.Posted)]
    public async Task Every_lock_is_written_down_by_name_where_the_log_is_open_for_debugging(ReleaseMode release)
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RecordedLog log = new() { Least = LogLevel.Information };
        using IHost host = Over(node, log);
        await host.StartAsync(Token);
        LockProvider locks = host.Services.GetRequiredService<LockProvider>();
        await locks.Factory.WaitUntilConnectedAsync(Token);
        RedlockMutex mutex = locks.CreateMutex("door", defaults => defaults with { Release = release });
        RedlockMutex quiet = locks.CreateMutex("window");
        await (await quiet.LockAsync(Token)).DisposeAsync();
        using (quiet.Lock(Token))
        {
            Assert.Equal(LockStatus.Contended, (await quiet.TryLockAsync(Token)).Status);
        }

        Assert.DoesNotContain(log.Entries, entry => entry.Level == LogLevel.Debug);
        log.Least = LogLevel.Debug;
        LockHandle held = await mutex.LockAsync(Token);
        Assert.Equal(LockStatus.Contended, mutex.TryLock(Token).Status);
        node.Faults.ReplyWithError("OOM no room", "SET");
        LockResult unavailable = await mutex.TryLockAsync(Token);
        Assert.Contains("OOM no room", unavailable.ToString(), StringComparison.Ordinal);
        await held.DisposeAsync();
        await Eventually.Holds(() => log.Of("LockReleased").Count == 1, "the release is written down");
        Assert.Equal(
            [
                "Redlock: the lock 'door' was acquired (tries: 1).",
                $"Redlock: the lock 'door' is held by another owner (tries: 1). {node.Endpoint}: HeldByOther",
                $"Redlock: the lock 'door' is unavailable: too few nodes granted it in time (tries: 1). {unavailable.Nodes[0]}",
                "Redlock: the release of the lock 'door' has ended: Released.",
            ],
            log.Entries.Where(entry => entry.Level == LogLevel.Debug).Select(entry => entry.Text));
    }

    [Fact]
    public async Task A_log_that_throws_takes_no_lock_from_its_caller()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RecordedLog log = new() { ThrowsAt = "LockAcquired" };
        using IHost host = Over(node, log);
        await host.StartAsync(Token);
        LockProvider locks = host.Services.GetRequiredService<LockProvider>();
        await locks.Factory.WaitUntilConnectedAsync(Token);
        await using LockHandle held = await locks.CreateMutex("door").LockAsync(Token);
        Assert.True(held.IsHeld);
        Assert.Equal(1, log.Thrown);
    }

    [Fact]
    public void A_limit_counts_what_it_leaves_out()
    {
        ManualTimeProvider time = new();
        LogLimit limit = new(most: 2, TimeSpan.FromSeconds(10), time);
        Assert.True(limit.TryTake(out int suppressed));
        Assert.True(limit.TryTake(out _));
        Assert.False(limit.TryTake(out _));
        Assert.False(limit.TryTake(out _));
        Assert.Equal(0, suppressed);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(limit.TryTake(out suppressed));
        Assert.Equal(2, suppressed);
        Assert.True(limit.TryTake(out suppressed));
        Assert.Equal(0, suppressed);
    }

    private static IHost Over(InMemoryNode node, RecordedLog log) =>
        Hosts.Build(services => services.AddRedlock(options => options.Nodes.Add(node.Endpoint)), log);
}
