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
            ("Redlock:Defaults:Delay", "00:00:00.250"),
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
        Assert.Equal(
            TimeSpan.FromSeconds(2), host.Services.GetRequiredService<IOptionsMonitor<RedlockServiceOptions>>().CurrentValue.StopTimeLimit);
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

    [Theory]
    [InlineData("Nodes has 0 entries")]
    [InlineData("Nodes:0 is not an endpoint", "Nodes", "a:1,b:2")]
    [InlineData("Each node is an entry of its own: Nodes:0, Nodes:1", "Nodes", "a:1,b:2")]
    [InlineData("Defaults:Expiry is '10'; write hours:minutes:seconds, such as 00:00:10", "Nodes", "a", "Defaults:Expiry", "10")]
    [InlineData("Defaults:Delay is '500ms'; write", "Nodes", "a", "Defaults:Delay", "500ms")]
    [InlineData("StopTimeLimit is '1?[2J'; write", "Nodes", "a", "StopTimeLimit", "1\u001b[2J")]
    [InlineData("Defaults:Tries is '3.5' and must be a whole number", "Nodes", "a", "Defaults:Tries", "3.5")]
    [InlineData("Defaults:Factor is '0,01' and must be a number with a point", "Nodes", "a", "Defaults:Factor", "0,01")]
    [InlineData("Defaults:Continuation is 'Pool' and must be one of ThreadPool, Inline", "Nodes", "a", "Defaults:Continuation", "Pool")]
    [InlineData("Defaults:Release is '1' and must be one of Confirmed, Posted", "Nodes", "a", "Defaults:Release", "1")]
    [InlineData("KeptAtStop is '1' and must be one of Release, Leave", "Nodes", "a", "KeptAtStop", "1")]
    [InlineData("Defaults:Fenced is 'yes' and must be true or false", "Nodes", "a", "Defaults:Fenced", "yes")]
    [InlineData("there is no setting Pasword; known are Nodes, User, Password", "Nodes", "a", "Pasword", "hunter2")]
    [InlineData("there is no setting Defaults:RenewFracton; known are Expiry", "Nodes", "a", "Defaults:RenewFracton", "0.3")]
    [InlineData("MaxHoldTime is set and RenewFraction is not", "Nodes", "a", "Defaults:MaxHoldTime", "01:00:00")]
    [InlineData("Nodes:1 is not an endpoint", "Nodes:0", "a:1", "Nodes:1", "redis://:hunter2@host:99999")]
    [InlineData("Nodes:1 (a:6379) is given twice", "Nodes:0", "a:6379", "Nodes:1", "a")]
    [InlineData("Tries must be 1 or more", "Nodes:0", "a", "Defaults:Tries", "0")]
    [InlineData("Quorum must be more than half of the 3 nodes", "Nodes:0", "a", "Nodes:1", "b", "Nodes:2", "c", "Defaults:Quorum", "1")]
    [InlineData("fraction must be above 0", "Nodes:0", "a", "Defaults:RenewFraction", "1.5")]
    [InlineData("StartTimeLimit must be between zero and one hour", "Nodes:0", "a", "StartTimeLimit", "-00:00:01")]
    [InlineData("ClientName must be printable", "Nodes:0", "a", "ClientName", "two words")]
    public async Task A_mistake_is_told_when_the_host_starts(string problem, params string[] settings)
    {
        (string, string)[] pairs = [.. settings.Chunk(2).Select(pair => (pair[0], pair[1]))];
        using IHost host = Hosts.Build(services => services.AddKeyedRedlock("billing", Hosts.Configuration(pairs)));
        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Contains("Redlock 'billing'", refused.Message, StringComparison.Ordinal);
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_mistakes_are_told_at_once()
    {
        using IHost host = Hosts.Build(services => services.AddRedlock(Hosts.Configuration(
            ("Nodes:0", "a:x"), ("Clientname", "two words"), ("Defaults:Tries", "0"), ("Defaults:Factor", "2"),
            ("Defaults:Expiry", "00:00:00"), ("Defaults:Delay", "3"))));
        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        string[] expected =
            ["Nodes:0 is not an endpoint", "ClientName must be", "Tries must be", "Factor must be", "Expiry must be",
                "Defaults:Delay is '3'"];
        Assert.All(expected, problem => Assert.Contains(problem, refused.Message, StringComparison.Ordinal));
        Assert.Equal(expected.Length, refused.Failures.Count());
    }

    [Fact]
    public async Task A_wrong_section_makes_no_page()
    {
        (string, string)[] settings = [.. Enumerable.Range(0, 100).Select(number => ($"Other{number}", "hunter2"))];
        using IHost host = Hosts.Build(services => services.AddRedlock(Hosts.Configuration(settings)));
        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Equal(10, refused.Failures.Count());
        Assert.Contains("is this the section that describes the nodes?", refused.Message, StringComparison.Ordinal);
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

    [Fact]
    public async Task A_mistake_is_told_under_its_own_setting()
    {
        using IHost host = Hosts.Build(services => services.AddRedlock(options =>
        {
            options.Nodes.Add("a");
            options.ClientName = "two words";
        }));
        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Contains("Redlock: ClientName must be printable", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_defaults_are_a_mistake()
    {
        using IHost host = Hosts.Build(services => services.AddRedlock(options =>
        {
            options.Nodes.Add("a");
            options.Defaults = null!;
        }));
        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Contains("Defaults is null", refused.Message, StringComparison.Ordinal);
    }
}
