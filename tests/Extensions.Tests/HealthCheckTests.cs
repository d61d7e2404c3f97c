using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Extensions.Tests;

public class HealthCheckTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_quorum_is_healthy_then_degraded_then_lost()
    {
        InMemoryNode[] nodes = [InMemoryNode.Start(), InMemoryNode.Start(), InMemoryNode.Start()];
        using IHost host = HostOver("billing", [.. nodes.Select(node => node.Endpoint)]);
        await host.StartAsync(Token);
        await Hosts.UntilAsync("all nodes are connected", () => AskAsync(host).Result.Status == HealthStatus.Healthy);
        HealthReportEntry entry = await AskAsync(host);
        Assert.Equal(3, entry.Data.Count);
        NodeHealth first = Assert.IsType<NodeHealth>(entry.Data[nodes[0].Endpoint]);
        Assert.True(first.Answers);
        Assert.True(first.Latency > TimeSpan.Zero);

        nodes[0].Stop();
        await Hosts.UntilAsync("one is missed", () => AskAsync(host).Result.Status == HealthStatus.Degraded);
        entry = await AskAsync(host);
        Assert.Contains(nodes[0].Endpoint, entry.Description, StringComparison.Ordinal);
        Assert.False(Assert.IsType<NodeHealth>(entry.Data[nodes[0].Endpoint]).Answers);

        nodes[1].Stop();
        await Hosts.UntilAsync("the quorum is missed", () => AskAsync(host).Result.Status == HealthStatus.Unhealthy);
        Assert.Contains("1 of 3 nodes answer", (await AskAsync(host)).Description, StringComparison.Ordinal);
        foreach (InMemoryNode node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_node_that_says_nothing_is_not_waited_for()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using IHost host = HostOver("billing", node.Endpoint);
        await host.StartAsync(Token);
        await Hosts.UntilAsync("the node is connected", () => AskAsync(host).Result.Status == HealthStatus.Healthy);
        node.Faults.Stall();
        HealthReportEntry entry = await AskAsync(host);
        node.Faults.Resume();
        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.NotNull(Assert.IsType<NodeHealth>(entry.Data[node.Endpoint]).Concern);
    }

    [Theory]
    [InlineData("noeviction", HealthStatus.Healthy)]
    [InlineData("allkeys-lru", HealthStatus.Degraded)]
    public async Task A_real_node_tells_its_role_its_clock_and_what_it_evicts(string policy, HealthStatus expected)
    {
        Assert.SkipUnless(TempRedis.IsAvailable(out string reason), reason);
        await using TempRedis redis = await TempRedis.StartAsync(
            new TempRedisOptions { Configuration = ["maxmemory 100mb", $"maxmemory-policy {policy}"] }, Token);
        using IHost host = HostOver("billing", redis.Endpoint);
        await host.StartAsync(Token);
        await Hosts.UntilAsync("the node is connected", () => AskAsync(host).Result.Status != HealthStatus.Unhealthy);
        HealthReportEntry entry = await AskAsync(host);
        NodeHealth node = Assert.IsType<NodeHealth>(entry.Data[redis.Endpoint]);
        Assert.Equal("master", node.Role);
        Assert.Equal(policy, node.EvictionPolicy);
        Assert.InRange(Assert.NotNull(node.ClockOffset).Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal(expected, entry.Status);
    }

    [Fact]
    public async Task A_node_that_repeats_its_password_is_not_quoted()
    {
        const string password = "HUNTER2pass";
        Reply info = Reply.Of(RespValue.BulkString($"role:{password}\r\nmaxmemory_policy:{password}\r\nmaxmemory:1\r\n"));
        await using ScriptedNode script = new();
        script.Expect("PING", [], Reply.Error($"ERR {password}"), Reply.Of(RespValue.SimpleString(password)));
        script.Expect("TIME", [], Reply.Of(RespValue.SimpleString(password)));
        script.Expect("INFO", ["replication"], info).Expect("INFO", ["memory"], info);
        RespNode node = script.Nodes(1, new RespNodeOptions { Password = password })[0];
        using RedlockFactory factory = new(node);
        await factory.WaitUntilConnectedAsync(Token);
        RedlockHealthCheck check = new(factory);
        HealthCheckContext context = new() { Registration = new HealthCheckRegistration("redlock", check, null, null) };
        HealthCheckResult broken = await check.CheckHealthAsync(context, Token);
        HealthCheckResult strange = await check.CheckHealthAsync(context, Token);
        string told = string.Join(' ', broken.Description, string.Join(' ', broken.Data), strange.Description, string.Join(' ', strange.Data));
        Assert.Contains("PING was answered with an error: ERR ***", told, StringComparison.Ordinal);
        Assert.Contains("its role is ***", told, StringComparison.Ordinal);
        Assert.DoesNotContain(password, told, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(script.Unexpected);
    }

    private static IHost HostOver(string key, params string[] endpoints) => Hosts.Build(services =>
    {
        services.AddKeyedRedlock(key, options =>
        {
            foreach (string endpoint in endpoints)
            {
                options.Nodes.Add(endpoint);
            }
        });
        services.AddHealthChecks().AddRedlock(key);
    });

    private static async Task<HealthReportEntry> AskAsync(IHost host)
    {
        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);
        return report.Entries["redlock-billing"];
    }
}
