using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
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
        await Hosts.UntilAsync("it is connected", () => log.Of("NodeConnected").Count == 1);
        Assert.Contains(node.Endpoint, log.Of("NodeConnected")[0], StringComparison.Ordinal);
        node.Stop();
        await Hosts.UntilAsync("it is lost", () => log.Of("NodeLost").Count == 1);

        // Twenty dials fail before this many are reached without a limit.
        await Hosts.UntilAsync("it is refused", () => log.Of("NodeRefused").Count == 2);
        node.Restart(NodeData.Keep);
        await Hosts.UntilAsync("it is back", () => log.Of("NodeConnected").Count == 2);
        Assert.Equal(2, log.Of("NodeRefused").Count);
        Assert.Contains(node.Endpoint, log.Of("NodeRefused")[0], StringComparison.Ordinal);
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
        await Hosts.UntilAsync("the loss is written down", () => log.Of("LockLost").Count == 1);
        Assert.Contains("'door'", log.Of("LockLost")[0], StringComparison.Ordinal);
        Assert.Contains(nameof(LossReason.Refused), log.Of("LockLost")[0], StringComparison.Ordinal);
        node.Stop();
        await Hosts.UntilAsync("the node is gone", () => log.Of("NodeLost").Count == 1);
        await other.DisposeAsync();
        await Hosts.UntilAsync("the release is written down", () => log.Of("ReleaseUnknown").Count == 1);
        Assert.Contains("'window'", log.Of("ReleaseUnknown")[0], StringComparison.Ordinal);
        Assert.False(kept.IsHeld);
        Assert.Contains(log.Entries, entry => entry.Level == LogLevel.Error);
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
