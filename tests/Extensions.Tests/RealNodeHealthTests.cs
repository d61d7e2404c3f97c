using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Extensions.Tests;

/// <summary>What the check says of servers on which a lock can't be taken, each of them a real one.</summary>
public class RealNodeHealthTests
{
    private const string Prefix = "your-prefix:";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string[], string> UnfitServers => new()
    {
        { "maxmemory", ["maxmemory 1", "maxmemory-policy noeviction"], "the error OOM" },
        { "min-replicas", ["min-replicas-to-write 1"], "the error NOREPLICAS" },
        { "cluster", ["cluster-enabled yes", "cluster-config-file nodes.conf"], "the error CLUSTERDOWN" },
        { "replica", ["replicaof 127.0.0.1 1"], "the error READONLY" },
        { "writable replica", ["replicaof 127.0.0.1 1", "replica-read-only no"], "its role is slave" },
        { "no SET", ["rename-command SET \"\""], "does not know the command" },
        { "no PEXPIRE", ["rename-command PEXPIRE \"\""], "the script that extends a lock was answered with" },
    };

    [Theory]
    [MemberData(nameof(UnfitServers))]
    public async Task A_node_that_grants_no_lock_is_not_healthy(string what, string[] configuration, string concern)
    {
        await using TempRedis redis = await StartAsync(configuration);
        await using RedlockFactory factory = RedlockFactory.Create(redis.Endpoint);
        await factory.WaitUntilConnectedAsync(Token);
        HealthCheckResult result = await CheckAsync(factory);
        NodeHealth node = Assert.IsType<NodeHealth>(Assert.Single(result.Data).Value);
        Assert.True(result.Status == HealthStatus.Unhealthy, $"{what}: {result.Description}");
        Assert.Equal(NodeReadiness.Unfit, node.Readiness);
        Assert.Contains(concern, node.Concern, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_such_nodes_of_three_are_no_quorum_and_one_degrades_it()
    {
        await using TempRedis first = await StartAsync();
        await using TempRedis second = await StartAsync();
        await using TempRedis third = await StartAsync("replicaof 127.0.0.1 1");
        await using RedlockFactory factory = RedlockFactory.Create(first.Endpoint, second.Endpoint, third.Endpoint);
        await factory.WaitUntilConnectedAsync(quorum: 3, Token);
        HealthCheckResult result = await CheckAsync(factory);
        Assert.Equal(HealthStatus.Degraded, result.Status);
        Assert.StartsWith("2 of 3 nodes grant locks; a quorum is 2. ", result.Description, StringComparison.Ordinal);
        await ((RespNode)factory.Nodes[0]).SendAsync("CONFIG", "SET", "maxmemory", "1");
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(factory)).Status);
    }

    [Theory]
    [InlineData("EVALSHA")]
    [InlineData("EVAL EVALSHA")]
    [InlineData("SCRIPT")]
    [InlineData("EVAL EVALSHA SCRIPT")]
    public async Task A_node_without_scripts_is_as_healthy_as_a_lock_on_it(string renamed)
    {
        await using TempRedis redis = await StartAsync([.. renamed.Split(' ').Select(command => $"rename-command {command} \"\"")]);
        await using RedlockFactory factory = RedlockFactory.Create(redis.Endpoint);
        RedlockMutex mutex = factory.CreateMutex("door", MutexOptions.NonBlocking);
        await Eventually.Holds(
            () => factory.Nodes[0] is RespNode { IsConnected: true } or RespNode { LastError: not null }, "the node has been dialled");
        LockResult held = await mutex.TryLockAsync(Token);
        bool works = held.IsAcquired
            && (await mutex.ExtendAsync(held.Token, Token)).IsExtended
            && await mutex.UnlockAsync(held.Token, Token) == UnlockStatus.Released;
        HealthCheckResult result = await CheckAsync(factory);
        Assert.True(works == (result.Status == HealthStatus.Healthy), $"a lock works: {works}; {result.Description}");
    }

    [Fact]
    public async Task A_sentinel_is_not_healthy()
    {
        await using TempSentinel sentinel = await TempSentinel.StartAsync(Token);
        await using RedlockFactory factory = RedlockFactory.Create(sentinel.Endpoint);
        await Eventually.Holds(
            () => factory.Nodes[0] is RespNode { IsConnected: true } or RespNode { LastError: not null }, "the node has been dialled");
        HealthCheckResult result = await CheckAsync(factory);
        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.NotNull(Assert.IsType<NodeHealth>(Assert.Single(result.Data).Value).Concern);
    }

    [Fact]
    public async Task The_permissions_that_operating_names_are_enough_and_one_less_is_told()
    {
        string row = File.ReadLines(Path.Combine(SourceTreeRoot(), "docs", "operating.md")).Single(
            line => line.StartsWith("| ACL |", StringComparison.Ordinal));
        string permissions = row.Split('`')[1].Replace("\\|", "|", StringComparison.Ordinal);
        await using TempRedis redis = await StartAsync(
            $"user locks on >secret {permissions}", $"user less on >secret {permissions} -pexpire");
        await using RedlockFactory factory = RedlockFactory.Create($"redis://locks:secret@{redis.Endpoint}");
        await factory.WaitUntilConnectedAsync(Token);
        HealthCheckResult result = await CheckAsync(factory);
        Assert.True(result.Status == HealthStatus.Healthy, result.Description);
        await using RedlockFactory less = RedlockFactory.Create($"redis://less:secret@{redis.Endpoint}");
        await less.WaitUntilConnectedAsync(Token);
        HealthCheckResult refused = await CheckAsync(less);
        Assert.Equal(HealthStatus.Unhealthy, refused.Status);
        Assert.Contains("the script that extends a lock was answered with", refused.Description, StringComparison.Ordinal);

        // Behind the prefix of another service nothing is permitted.
        HealthCheckResult elsewhere = await new RedlockHealthCheck(factory).CheckHealthAsync(Context(), Token);
        Assert.Equal(HealthStatus.Unhealthy, elsewhere.Status);
        Assert.Contains("SET was answered with the error NOPERM", elsewhere.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_leaves_no_key_behind()
    {
        await using TempRedis redis = await StartAsync();
        await using RedlockFactory factory = RedlockFactory.Create(redis.Endpoint);
        await factory.WaitUntilConnectedAsync(Token);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(factory)).Status);
        Assert.Equal(0, (await ((RespNode)factory.Nodes[0]).SendAsync("DBSIZE")).Integer);
    }

    [Fact]
    public async Task One_stalled_node_of_three_costs_the_check_little_and_makes_it_degraded()
    {
        await using TempRedis first = await StartAsync();
        await using TempRedis second = await StartAsync();
        await using TempRedis third = await StartAsync();
        using IHost host = Hosts.Build(services =>
        {
            services.AddRedlock(options =>
            {
                options.Nodes.Add(first.Endpoint);
                options.Nodes.Add(second.Endpoint);
                options.Nodes.Add(third.Endpoint);
            });
            services.AddHealthChecks().AddRedlock(timeout: TimeSpan.FromSeconds(1));
        });
        await host.StartAsync(Token);
        HealthCheckService health = host.Services.GetRequiredService<HealthCheckService>();
        await Eventually.Holds(() => health.CheckHealthAsync(Token).Result.Status == HealthStatus.Healthy, "all are connected");
        third.Pause();
        long start = Stopwatch.GetTimestamp();
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(host.Services.GetRequiredService<RedlockFactory>())).Status);
        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        HealthReportEntry entry = Assert.Single((await health.CheckHealthAsync(Token)).Entries).Value;
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Null(entry.Exception);
        Assert.StartsWith("2 of 3 nodes grant locks", entry.Description, StringComparison.Ordinal);
        Assert.InRange(taken, TimeSpan.Zero, TimeSpan.FromSeconds(1.9));

        // Without a quorum nothing is decided, and the host's own limit ends the check: it says what it saw.
        second.Pause();
        entry = Assert.Single((await health.CheckHealthAsync(Token)).Entries).Value;
        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Null(entry.Exception);
        Assert.StartsWith("1 of 3 nodes grant locks", entry.Description, StringComparison.Ordinal);
        third.Resume();
        second.Resume();
        await Eventually.Holds(() => health.CheckHealthAsync(Token).Result.Status == HealthStatus.Healthy, "they are back");
    }

    [Fact]
    public async Task A_second_address_of_a_server_does_not_count_and_is_named_with_the_first()
    {
        await using TempRedis redis = await StartAsync();
        string port = redis.Endpoint.Split(':')[1];
        await using RedlockFactory factory = RedlockFactory.Create($"127.0.0.1:{port}", $"localhost:{port}", $"127.0.0.2:{port}");
        await factory.WaitUntilConnectedAsync(quorum: 2, Token);
        await Eventually.Holds(() => factory.Beliefs.Any(belief => belief.Doubt == NodeCause.Twin), "a twin is met");
        HealthCheckResult result = await CheckAsync(factory);
        Assert.True(result.Status == HealthStatus.Unhealthy, result.Description);
        Assert.StartsWith("1 of 3 nodes grant locks; a quorum is 2. ", result.Description, StringComparison.Ordinal);
        NodeHealth twin = Assert.IsType<NodeHealth>(result.Data[$"localhost:{port}"]);
        Assert.Equal((NodeReadiness.Unfit, NodeIdentity.Twin), (twin.Readiness, twin.Identity));
        Assert.StartsWith($"the same server as 127.0.0.1:{port} (run_id ", twin.Concern, StringComparison.Ordinal);
        Assert.Equal(NodeIdentity.Known, Assert.IsType<NodeHealth>(result.Data[$"127.0.0.1:{port}"]).Identity);
    }

    [Fact]
    public async Task A_node_that_may_not_be_asked_who_it_is_is_counted_and_believed()
    {
        await using TempRedis redis = await StartAsync("user silent on >secret ~* &* +@all -info");
        await using TempRedis other = await StartAsync();
        await using RedlockFactory factory = RedlockFactory.Create($"redis://silent:secret@{redis.Endpoint}", other.Endpoint);
        await factory.WaitUntilConnectedAsync(quorum: 2, Token);
        HealthCheckResult result = await CheckAsync(factory);
        Assert.Equal(HealthStatus.Healthy, result.Status);
        Assert.StartsWith(
            "2 of 2 nodes grant locks; a quorum is 2. 1 of 2 nodes do not say which server they are ",
            result.Description,
            StringComparison.Ordinal);
        Assert.Equal(NodeIdentity.Unknown, Assert.IsType<NodeHealth>(result.Data[redis.Endpoint]).Identity);
        Assert.Equal(NodeIdentity.Known, Assert.IsType<NodeHealth>(result.Data[other.Endpoint]).Identity);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restart_under_a_held_lock_hints_at_the_quarantine_unless_there_is_one(bool isQuarantined)
    {
        await using TempRedis redis = await StartAsync();
        await using TempRedis second = await StartAsync();
        await using TempRedis third = await StartAsync();
        RedlockOptions options = new() { RestartQuarantine = isQuarantined ? TimeSpan.FromHours(1) : TimeSpan.Zero };
        await using RedlockFactory factory = RedlockFactory.Create(options, redis.Endpoint, second.Endpoint, third.Endpoint);
        await factory.WaitUntilConnectedAsync(quorum: 3, Token);
        RedlockMutex mutex = factory.CreateMutex("your-prefix:door", MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMinutes(5) });
        LockResult held = await mutex.TryLockAsync(Token);
        Assert.Equal(!isQuarantined, held.IsAcquired);
        await RestartAsync();
        if (isQuarantined)
        {
            HealthCheckResult unfit = await CheckAsync(factory);
            Assert.Equal(HealthStatus.Unhealthy, unfit.Status);
            NodeHealth node = Assert.IsType<NodeHealth>(unfit.Data[redis.Endpoint]);
            Assert.StartsWith("in quarantine for ", node.Concern, StringComparison.Ordinal);
            Assert.Equal((NodeReadiness.Unfit, 0), (node.Readiness, node.RestartsUnderLocks));
            return;
        }

        HealthCheckResult result = await CheckAsync(factory);
        Assert.True(result.Status == HealthStatus.Healthy, result.Description);
        Assert.Contains($"{redis.Endpoint} has restarted while locks were held: ", result.Description, StringComparison.Ordinal);
        Assert.Contains("set RestartQuarantine", result.Description, StringComparison.Ordinal);

        // Without a lock there is none to forget.
        await mutex.UnlockAsync(held.Token, Token);
        await RestartAsync();
        Assert.Equal(1, factory.Beliefs[0].RestartsUnderLocks);

        async Task RestartAsync()
        {
            string? before = factory.Beliefs[0].Server?.RunId;
            Assert.NotNull(before);
            await redis.RestartAsync(NodeData.Lose, Token);
            await Eventually.Holds(
                () => factory.Nodes[0] is RespNode { IsConnected: true } && factory.Beliefs[0].Server?.RunId != before, "it is back");
        }
    }

    [Fact]
    public async Task A_full_queue_of_our_own_is_busy_and_no_reason_to_end_the_service()
    {
        await using InMemoryNode server = InMemoryNode.Start();
        RespNodeOptions narrow = new() { QueueLimits = new RespQueueLimits { OrdinaryRequests = 1 } };
        await using RedlockFactory factory = RedlockFactory.Create(new RedlockOptions { Node = narrow }, server.Endpoint);
        await factory.WaitUntilConnectedAsync(Token);
        server.Faults.Stall();
        Task<RespValue> waiting = ((RespNode)factory.Nodes[0]).SendAsync("PING");
        HealthCheckResult result = await CheckAsync(factory);
        NodeHealth node = Assert.IsType<NodeHealth>(Assert.Single(result.Data).Value);
        Assert.Equal(NodeReadiness.Busy, node.Readiness);
        Assert.False(node.Answers);
        Assert.Contains("queue of this node is full", node.Concern, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Degraded, result.Status);
        server.Faults.Resume();
        await waiting;
    }

    private static async Task<HealthCheckResult> CheckAsync(RedlockFactory factory) =>
        await new RedlockHealthCheck(factory, MutexOptions.Blocking with { KeyPrefix = Prefix }).CheckHealthAsync(Context(), Token);

    private static HealthCheckContext Context() =>
        new() { Registration = new HealthCheckRegistration("redlock", static _ => null!, failureStatus: null, tags: null) };

    private static Task<TempRedis> StartAsync(params string[] configuration)
    {
        Assert.SkipUnless(TempRedis.IsAvailable(out string reason), reason);
        return TempRedis.StartAsync(new TempRedisOptions { Configuration = configuration }, Token);
    }

    private static string SourceTreeRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Redlock.Fast.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The tests do not run inside the source tree.");
        }

        return folder;
    }
}
