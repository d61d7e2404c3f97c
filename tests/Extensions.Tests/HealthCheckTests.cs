using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
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
        await Eventually.Holds(() => AskAsync(host).Result.Status == HealthStatus.Healthy, "all nodes are connected");
        HealthReportEntry entry = await AskAsync(host);
        Assert.Equal(3, entry.Data.Count);
        NodeHealth first = Assert.IsType<NodeHealth>(entry.Data[nodes[0].Endpoint]);
        Assert.True(first.Answers);
        Assert.True(first.Latency > TimeSpan.Zero);

        nodes[0].Stop();
        await Eventually.Holds(() => AskAsync(host).Result.Status == HealthStatus.Degraded, "one is missed");
        entry = await AskAsync(host);
        Assert.Contains(nodes[0].Endpoint, entry.Description, StringComparison.Ordinal);
        Assert.False(Assert.IsType<NodeHealth>(entry.Data[nodes[0].Endpoint]).Answers);

        nodes[1].Stop();
        await Eventually.Holds(() => AskAsync(host).Result.Status == HealthStatus.Unhealthy, "the quorum is missed");
        Assert.Contains("1 of 3 nodes grant locks", (await AskAsync(host)).Description, StringComparison.Ordinal);
        foreach (InMemoryNode node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(InMemoryScripting.ValkeyCommands)]
    [InlineData(InMemoryScripting.RedisCommands)]
    public async Task A_node_with_commands_in_the_place_of_scripts_is_healthy(InMemoryScripting scripting)
    {
        await using InMemoryNode node = InMemoryNode.Start(new InMemoryNodeOptions { Scripting = scripting });
        using IHost host = HostOver("billing", node.Endpoint);
        await host.StartAsync(Token);
        await Eventually.Holds(() => AskAsync(host).Result.Status == HealthStatus.Healthy, "it grants, extends and releases");
    }

    [Fact]
    public async Task A_node_that_says_nothing_is_not_waited_for()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using IHost host = HostOver("billing", node.Endpoint);
        await host.StartAsync(Token);
        await Eventually.Holds(() => AskAsync(host).Result.Status == HealthStatus.Healthy, "the node is connected");
        node.Faults.Stall();
        HealthReportEntry entry = await AskAsync(host);
        node.Faults.Resume();
        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Equal("no answer within the time of the check", Assert.IsType<NodeHealth>(entry.Data[node.Endpoint]).Concern);
    }

    [Fact]
    public async Task A_check_that_its_host_cuts_short_says_what_it_saw_and_leaves_no_task_that_nobody_looks_at()
    {
        int unobserved = 0;
        void Note(object? sender, UnobservedTaskExceptionEventArgs task) => Interlocked.Increment(ref unobserved);
        TaskScheduler.UnobservedTaskException += Note;
        await using InMemoryNode node = InMemoryNode.Start();
        RedlockFactory factory = RedlockFactory.Create(node.Endpoint);
        await factory.WaitUntilConnectedAsync(Token);
        node.Faults.Stall();
        using CancellationTokenSource hosts = new(TimeSpan.FromMilliseconds(50));
        RedlockHealthCheck check = new(factory);
        HealthCheckContext context = new()
        {
            Registration = new HealthCheckRegistration("redlock", check, failureStatus: null, tags: null),
        };
        HealthCheckResult result = await check.CheckHealthAsync(context, hosts.Token);
        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.Equal("no answer within the time of the check", Assert.IsType<NodeHealth>(Assert.Single(result.Data).Value).Concern);

        // What was asked fails now, behind the end of the check.
        factory.Dispose();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TaskScheduler.UnobservedTaskException -= Note;
        Assert.Equal(0, Volatile.Read(ref unobserved));
        node.Faults.Resume();
    }

    [Fact]
    public async Task A_node_that_says_nothing_about_itself_still_grants_locks()
    {
        await using ScriptedNode server = new();
        Reply never = Reply.Silence;
        ExpectLock(server).Expect("TIME", [], never);
        await using RedlockFactory factory = new(server.Nodes(1));
        await factory.WaitUntilConnectedAsync(Token);
        HealthCheckResult result = await CheckAsync(factory);
        NodeHealth health = Assert.IsType<NodeHealth>(Assert.Single(result.Data).Value);
        Assert.Equal(NodeReadiness.Ready, health.Readiness);
        Assert.True(health.Answers);
        Assert.True(health.Latency > TimeSpan.Zero);
        Assert.Contains("did not answer TIME and INFO", health.Concern, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Degraded, result.Status);
    }

    [Fact]
    public async Task The_configured_quorum_is_the_one_that_counts()
    {
        InMemoryNode[] nodes = [InMemoryNode.Start(), InMemoryNode.Start(), InMemoryNode.Start()];
        nodes[2].Stop();
        using RecordedLog log = new();
        using IHost host = Hosts.Build(
            services =>
            {
                services.AddRedlock(options =>
                {
                    foreach (InMemoryNode node in nodes)
                    {
                        options.Nodes.Add(node.Endpoint);
                    }

                    options.Defaults.Quorum = 3;
                    options.StartTimeLimit = TimeSpan.FromMilliseconds(50);
                });
                services.AddHealthChecks().AddRedlock(
                    name: "locks", failureStatus: HealthStatus.Degraded, tags: ["ready"], timeout: TimeSpan.FromSeconds(9));
            },
            log);
        await host.StartAsync(Token);
        Assert.Single(log.Of("QuorumMissingAtStart"));
        HealthCheckRegistration registration = Assert.Single(
            host.Services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations);
        Assert.Equal("ready", Assert.Single(registration.Tags));
        Assert.Equal(TimeSpan.FromSeconds(9), registration.Timeout);
        await Eventually.Holds(
            () => Ask().Description!.StartsWith("2 of 3 nodes grant locks; a quorum is 3", StringComparison.Ordinal), "two grant locks");
        Assert.Equal(HealthStatus.Degraded, Ask().Status);
        foreach (InMemoryNode node in nodes)
        {
            await node.DisposeAsync();
        }

        HealthReportEntry Ask() =>
            host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(
                check => check.Tags.Contains("ready"), Token).Result.Entries["locks"];
    }

    [Fact]
    public async Task A_channel_of_another_kind_is_asked_the_same()
    {
        await using InProcessLocks locks = new();
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(locks.Factory)).Status);
        await using RedlockFactory factory = new(new UnconnectedChannel("a"));
        HealthCheckResult result = await CheckAsync(factory);
        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.Equal(NodeReadiness.NoAnswer, Assert.IsType<NodeHealth>(result.Data["a"]).Readiness);
    }

    [Theory]
    [InlineData("NOAUTH hunter2", "SET was answered with the error NOAUTH: it wants a password, and none is set for it")]
    [InlineData("hunter2 is no password", "SET was answered with an error")]
    [InlineData(
        "ERR unknown command 'hunter2'",
        "SET was answered with the error ERR: it does not know the command (a Sentinel, or a renamed command?)")]
    public async Task An_error_is_told_by_its_code_alone(string error, string expected)
    {
        await using ScriptedNode server = new();
        server.ExpectLock(Argument.Any, Reply.Error(error))
            .ExpectExtend(Argument.Any, Reply.NothingThere);
        ExpectSelfDescription(server);
        await using RedlockFactory factory = new(server.Nodes(1));
        await factory.WaitUntilConnectedAsync(Token);
        HealthCheckResult result = await CheckAsync(factory);
        NodeHealth health = Assert.IsType<NodeHealth>(Assert.Single(result.Data).Value);
        Assert.Equal(expected, health.Concern);
        Assert.True(health.Answers);
        Assert.Equal(HealthStatus.Unhealthy, result.Status);
    }

    [Fact]
    public async Task What_a_server_makes_up_is_not_quoted()
    {
        await using ScriptedNode server = new();
        ExpectLock(server);
        server.Expect("TIME", [], Reply.Of(
            RespValue.Array(RespValue.BulkString(long.MaxValue.ToString(CultureInfo.InvariantCulture)), RespValue.BulkString("0"))));
        server.Expect("INFO", ["replication"], Reply.Of(RespValue.BulkString("role:hunter2\r\n")));
        server.Expect("INFO", ["memory"], Reply.Of(RespValue.BulkString($"maxmemory_policy:{new string('x', 100)}\r\n")));
        await using RedlockFactory factory = new(server.Nodes(1));
        await factory.WaitUntilConnectedAsync(Token);
        NodeHealth health = Assert.IsType<NodeHealth>(Assert.Single((await CheckAsync(factory)).Data).Value);
        Assert.True(health.Answers);
        Assert.Equal(NodeReadiness.Unfit, health.Readiness);
        Assert.Null(health.ClockOffset);
        Assert.Equal("not a known one", health.Role);
        Assert.Equal("not a known one", health.EvictionPolicy);
        Assert.NotNull(health.Concern);
    }

    [Fact]
    public void A_reply_of_many_values_makes_none_of_its_size()
    {
        const int values = 200_000;
        byte[] wire = Encoding.ASCII.GetBytes($"*{values}\r\n{string.Concat(Enumerable.Repeat(":1\r\n", values))}");
        Assert.Equal(RespReadStatus.Done, new RespReader().TryRead(wire, out RespReply reply, out _));
        long before = GC.GetAllocatedBytesForCurrentThread();
        string? refusal = NodeReport.RefusalToTake(reply);
        string? script = NodeReport.RefusalOfScript("the script", reply);
        TimeSpan? offset = NodeReport.ClockOffset(reply, default, default);
        string? role = NodeReport.Role(reply);
        string? policy = NodeReport.EvictionPolicy(reply);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, values / 10);
        Assert.Equal("SET was answered with something else than OK", refusal);
        Assert.Equal("the script was answered with something else than a number", script);
        Assert.Null(offset);
        Assert.Null(role);
        Assert.Null(policy);
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
        await Eventually.Holds(() => AskAsync(host).Result.Status != HealthStatus.Unhealthy, "the node is connected");
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
        Reply word = Reply.Of(RespValue.SimpleString(password));
        script.ExpectLock(Argument.Any, Reply.Error($"ERR {password}"), Reply.Ok).ExpectExtend(Argument.Any, word, Reply.Done).ExpectUnlock(
            Argument.Any, Reply.Done);
        script.Expect("TIME", [], word, word).Expect("INFO", ["replication"], info, info).Expect("INFO", ["memory"], info, info);
        RespNode node = script.Nodes(1, new RespNodeOptions { Password = password })[0];
        using RedlockFactory factory = new(node);
        await factory.WaitUntilConnectedAsync(Token);
        HealthCheckResult broken = await CheckAsync(factory);
        HealthCheckResult strange = await CheckAsync(factory);
        string told = string.Join(
            ' ', broken.Description, string.Join(' ', broken.Data), strange.Description, string.Join(' ', strange.Data));
        Assert.Contains("SET was answered with the error ERR", told, StringComparison.Ordinal);
        Assert.Contains("its role is not a known one", told, StringComparison.Ordinal);
        Assert.DoesNotContain(password, told, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(script.Unexpected);
    }

    private static Task<HealthCheckResult> CheckAsync(RedlockFactory factory)
    {
        RedlockHealthCheck check = new(factory);
        HealthCheckContext context = new()
        {
            Registration = new HealthCheckRegistration("redlock", check, failureStatus: null, tags: null),
        };
        return check.CheckHealthAsync(context, Token);
    }

    private static ScriptedNode ExpectLock(ScriptedNode server) =>
        server.ExpectLock(Argument.Any, Reply.Ok).ExpectExtend(Argument.Any, Reply.Done).ExpectUnlock(Argument.Any, Reply.Done);

    private static void ExpectSelfDescription(ScriptedNode server)
    {
        Reply refused = Reply.Error("NOPERM no");
        server.Expect("TIME", [], refused).Expect("INFO", ["replication"], refused).Expect("INFO", ["memory"], refused);
    }

    [Theory]
    [InlineData(null, "services.AddRedlock(...)")]
    [InlineData("billing", "services.AddKeyedRedlock(\"billing\", ...)")]
    public async Task A_check_without_its_quorum_says_what_to_register(string? key, string what)
    {
        using IHost host = Hosts.Build(services => services.AddHealthChecks().AddRedlock(key));
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token));
        Assert.Contains(what, refused.Message);
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
