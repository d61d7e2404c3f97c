using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Extensions.Tests;

public class RegistrationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_quorum_described_by_code_locks_with_its_defaults()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using IHost host = Hosts.Build(services => services.AddRedlock(options =>
        {
            options.Nodes.Add(node.Endpoint);
            options.Defaults.Expiry = TimeSpan.FromSeconds(20);
            options.Defaults.RenewFraction = 0.25;
            options.Defaults.MaxHoldTime = TimeSpan.FromHours(1);
            options.StartTimeLimit = Eventually.Patience;
        }));
        await host.StartAsync(Token);
        LockProvider locks = host.Services.GetRequiredService<LockProvider>();
        Assert.Same(locks.Factory, host.Services.GetRequiredService<RedlockFactory>());
        RedlockMutex mutex = locks.CreateMutex("door");
        Assert.Equal(TimeSpan.FromSeconds(20), mutex.Options.Expiry);
        Assert.Equal(RenewOptions.Every(0.25, TimeSpan.FromHours(1)), mutex.Options.Renew);
        Assert.Equal(1, locks.CreateMutex("window", defaults => defaults with { Tries = 1 }).Options.Tries);
        Assert.True((await mutex.TryLockAsync(Token)).IsAcquired);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task A_quorum_is_described_by_the_configuration()
    {
        await using InMemoryNode node = InMemoryNode.Start(new InMemoryNodeOptions { Password = "secret" });
        using IHost host = Hosts.Build(services => services.AddRedlock(Hosts.Configuration(
            ("Redlock:Nodes:0", node.Endpoint),
            ("Redlock:Password", "secret"),
            ("Redlock:ClientName", "billing"),
            ("Redlock:StartTimeLimit", "00:00:30"),
            ("Redlock:Defaults:Expiry", "00:00:05"),
            ("Redlock:StopTimeLimit", "00:00:02"),
            ("Redlock:Defaults:Tries", "3"),
            ("Redlock:Defaults:Delay", "250ms"),
            ("Redlock:Defaults:WaitLimit", "infinite"),
            ("Redlock:Defaults:SuccessionLimit", "3"),
            ("Redlock:Wakes", "false"),
            ("Redlock:Defaults:Factor", "0.02"),
            ("Redlock:Defaults:NodeTimeLimit", "00:00:01"),
            ("Redlock:Defaults:MaxHoldTime", "01:00:00"),
            ("Redlock:Defaults:Quorum", "1"),
            ("Redlock:Defaults:KeyPrefix", "lock:"),
            ("Redlock:Defaults:Continuation", "Inline"),
            ("Redlock:Defaults:Release", "Posted"),
            ("Redlock:Defaults:Fenced", "true"),
            ("Redlock:Defaults:FenceLife", "2.00:00:00"),
            ("Redlock:Defaults:RenewFraction", "0.5")).GetSection("Redlock")));
        await host.StartAsync(Token);
        RedlockMutex mutex = host.Services.GetRequiredService<LockProvider>().CreateMutex("door");
        Assert.Equal(
            MutexOptions.Blocking with
            {
                Expiry = TimeSpan.FromSeconds(5),
                Tries = 3,
                Delay = TimeSpan.FromMilliseconds(250),
                WaitLimit = Timeout.InfiniteTimeSpan,
                SuccessionLimit = 3,
                Factor = 0.02,
                NodeTimeLimit = TimeSpan.FromSeconds(1),
                Quorum = 1,
                KeyPrefix = "lock:",
                Continuation = ContinuationMode.Inline,
                Release = ReleaseMode.Posted,
                Fenced = true,
                FenceLife = TimeSpan.FromDays(2),
                Renew = RenewOptions.Every(0.5, TimeSpan.FromHours(1)),
            },
            mutex.Options);
        Assert.True((await mutex.TryLockAsync(Token)).IsAcquired);
        RedlockServiceOptions options = host.Services.GetRequiredService<IOptionsMonitor<RedlockServiceOptions>>().CurrentValue;
        Assert.Equal(TimeSpan.FromSeconds(2), options.StopTimeLimit);
        Assert.False(options.Wakes);
        RespNode connection = Assert.IsType<RespNode>(Assert.Single(host.Services.GetRequiredService<RedlockFactory>().Nodes));
        Assert.Equal("billing", (await connection.SendAsync("CLIENT", "GETNAME")).AsString());
    }

    [Fact]
    public async Task A_user_logs_in()
    {
        await using InMemoryNode node = InMemoryNode.Start(
            new InMemoryNodeOptions { Password = "other", User = "locks", UserPassword = "secret" });
        using IHost host = Hosts.Build(services => services.AddRedlock(options =>
        {
            options.Nodes.Add(node.Endpoint);
            options.User = "locks";
            options.Password = "secret";
            options.StartTimeLimit = Eventually.Patience;
        }));
        await host.StartAsync(Token);
        Assert.True((await host.Services.GetRequiredService<LockProvider>().CreateMutex("door").TryLockAsync(Token)).IsAcquired);
    }

    [Fact]
    public async Task Code_sets_what_has_no_setting()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using IHost host = Hosts.Build(services => services.AddRedlock(options =>
        {
            options.Nodes.Add(node.Endpoint);
            options.ClientName = "billing";
            options.ConfigureNodes(connection => connection with { Database = 3 });
            options.ConfigureNodes(connection => connection with { ClientName = $"{connection.ClientName}-{connection.Database}" });
        }));
        await host.StartAsync(Token);
        await using LockHandle held = await host.Services.GetRequiredService<LockProvider>().CreateMutex("door").LockAsync(Token);
        RespNode connection = Assert.IsType<RespNode>(Assert.Single(host.Services.GetRequiredService<RedlockFactory>().Nodes));
        Assert.Equal("billing-3", (await connection.SendAsync("CLIENT", "GETNAME")).AsString());
        Assert.Equal(1, (await connection.SendAsync("EXISTS", "door")).Integer);
        await using RespNode beside = RespNode.Connect(node.Endpoint);
        Assert.Equal(0, (await beside.SendAsync("EXISTS", "door")).Integer);
    }

    [Fact]
    public async Task Several_quorums_are_told_apart_by_their_keys()
    {
        await using InMemoryNode first = InMemoryNode.Start();
        await using InMemoryNode second = InMemoryNode.Start();
        using IHost host = Hosts.Build(services => services
            .AddKeyedRedlock("billing", Hosts.Configuration(("Nodes:0", first.Endpoint)))
            .AddKeyedRedlock("mail", options => options.Nodes.Add(second.Endpoint)));
        await host.StartAsync(Token);
        Assert.Equal(first.Endpoint, Assert.Single(host.Services.GetRequiredKeyedService<RedlockFactory>("billing").Nodes).Name);
        Assert.Equal(second.Endpoint, Assert.Single(host.Services.GetRequiredKeyedService<LockProvider>("mail").Factory.Nodes).Name);
        Assert.Null(host.Services.GetService<RedlockFactory>());
    }

    [Fact]
    public async Task Registered_twice_it_is_one_quorum()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using IHost host = Hosts.Build(services => services
            .AddRedlock(options => options.Nodes.Add(node.Endpoint))
            .AddRedlock(options => options.Defaults.Tries = 3)
            .AddKeyedRedlock("mail", options => options.Nodes.Add(node.Endpoint))
            .AddKeyedRedlock("mail", options => options.Defaults.Tries = 4));
        Assert.Equal(2, host.Services.GetServices<IHostedService>().OfType<QuorumStart>().Count());
        Assert.Equal(3, host.Services.GetRequiredService<LockProvider>().Defaults.Tries);
        Assert.Equal(4, host.Services.GetRequiredKeyedService<LockProvider>("mail").Defaults.Tries);
    }

    [Fact]
    public async Task A_quorum_that_is_not_there_does_not_stop_the_start()
    {
        InMemoryNode node = InMemoryNode.Start();
        node.Stop();
        using RecordedLog log = new();
        using IHost host = Hosts.Build(
            services => services.AddRedlock(options =>
            {
                options.Nodes.Add(node.Endpoint);
                options.StartTimeLimit = TimeSpan.FromMilliseconds(50);
            }),
            log);
        await host.StartAsync(Token);
        Assert.Single(log.Of("QuorumMissingAtStart"));
        await node.DisposeAsync();
    }

    [Fact]
    public async Task A_quorum_that_refuses_the_login_is_told_at_once_and_does_not_stop_the_start()
    {
        await using InMemoryNode node = InMemoryNode.Start(new InMemoryNodeOptions { Password = "s3cret-Pa55" });
        using RecordedLog log = new();
        using IHost host = Hosts.Build(
            services => services.AddRedlock(options =>
            {
                options.Nodes.Add($"redis://:Wr0ng-Pa55@{node.Endpoint}");
                options.StartTimeLimit = TimeSpan.FromHours(1);
            }),
            log);
        await host.StartAsync(Token).SoonAsync();
        string told = Assert.Single(log.Of("QuorumRefusedAtStart"));
        Assert.Contains("WRONGPASS", told, StringComparison.Ordinal);
        Assert.DoesNotContain("Pa55", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_node_may_be_given_as_one_value_and_a_secret_may_end_in_a_line_break()
    {
        await using InMemoryNode node = InMemoryNode.Start(new InMemoryNodeOptions { Password = "secret" });
        using IHost host = Hosts.Build(services => services
            .AddRedlock(Hosts.Configuration(("Nodes", $"{node.Endpoint}\n"), ("Password", "secret\r\n"), ("Billing:Nodes", node.Endpoint)))
            .AddKeyedRedlock("code", options =>
            {
                options.Nodes.Add(node.Endpoint);
                options.Password = "secret\n";
            }));
        await host.StartAsync(Token);
        await host.Services.GetRequiredService<LockProvider>().Factory.WaitUntilConnectedAsync(Token).SoonAsync();
        await host.Services.GetRequiredKeyedService<LockProvider>("code").Factory.WaitUntilConnectedAsync(Token).SoonAsync();
    }
}
