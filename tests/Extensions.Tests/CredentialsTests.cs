using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Extensions.Tests;

/// <summary>Credentials that expire, in a host.</summary>
public sealed class CredentialsTests
{
    private const string User = "worker";
    private const string Secret = "hunter2-of-today";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("billing")]
    public async Task A_service_of_the_host_gives_them(string? key)
    {
        await using InMemoryNode node = Node();
        IConfiguration configuration = Hosts.Configuration(("Nodes:0", node.Endpoint), ("StartTimeLimit", "20s"));
        using IHost host = Hosts.Build(services =>
        {
            _ = key is null ? services.AddRedlock(configuration) : services.AddKeyedRedlock(key, configuration);
            services.AddSingleton<Store>();
            services.AddOptions<RedlockServiceOptions>(key ?? Options.DefaultName).Configure<Store>(static (options, store) =>
                options.ConfigureNodes(connection => connection with { Credentials = store.LoginAsync }));
        });
        await host.StartAsync(Token);
        LockProvider provider = key is null
            ? host.Services.GetRequiredService<LockProvider>()
            : host.Services.GetRequiredKeyedService<LockProvider>(key);
        Assert.True((await provider.CreateMutex("door").TryLockAsync(Token)).IsAcquired);
        Assert.Equal([node.Endpoint], host.Services.GetRequiredService<Store>().Asked);
    }

    [Theory]
    [InlineData("User or Password is set, and so are the Credentials", "Password", "hunter2")]
    [InlineData("User or Password is set, and so are the Credentials", "User", "worker")]
    [InlineData("Nodes has an endpoint with a login of its own (a:6379)", "Nodes:1", "redis://:hunter2@a")]
    public async Task Beside_another_login_they_are_refused_when_the_host_starts(string problem, string setting, string value)
    {
        IConfiguration configuration = Hosts.Configuration(("Nodes:0", "b"), (setting, value));
        using IHost host = Hosts.Build(services =>
        {
            services.AddRedlock(configuration);
            services.Configure<RedlockServiceOptions>(static options =>
                options.ConfigureNodes(static connection => connection with { Credentials = new Store().LoginAsync }));
        });
        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_renewal_that_fails_is_written_down_without_a_flood_and_the_locks_go_on()
    {
        await using InMemoryNode node = Node();
        using RecordedLog log = new();
        Store store = new() { Life = TimeSpan.FromSeconds(0.3), Failures = 5 };
        using IHost host = Hosts.Build(
            services => services.AddRedlock(options =>
            {
                options.Nodes.Add(node.Endpoint);
                options.StartTimeLimit = Eventually.Patience;
                options.ConfigureNodes(connection => connection with { Credentials = store.LoginAsync });
            }),
            log);
        await host.StartAsync(Token);
        await using LockHandle held = await host.Services.GetRequiredService<LockProvider>().CreateMutex("door").LockAsync(Token);
        await Eventually.Holds(() => store.Asked.Length > 8, "asked until it is renewed, and again");
        Assert.True(held.IsHeld);
        Assert.Equal(2, log.Of("LoginNotRenewed").Count);
        Assert.Equal(
            $"Redlock: the node {node.Endpoint} serves on, and its login was not renewed: {node.Endpoint}: the login was not renewed: the "
                + "credentials callback failed with IOException: no token but ***",
            log.Of("LoginNotRenewed")[0]);
        Assert.Empty(log.Of("NodeLost"));
    }

    private static InMemoryNode Node() =>
        InMemoryNode.Start(new InMemoryNodeOptions { Password = "of-the-default-user", User = User, UserPassword = Secret });

    private sealed class Store
    {
        private readonly Lock _gate = new();
        private readonly List<string> _asked = [];

        public TimeSpan Life { get; init; } = TimeSpan.FromMinutes(5);

        // Of those that follow the first.
        public int Failures { get; init; }

        public string[] Asked
        {
            get
            {
                lock (_gate)
                {
                    return [.. _asked];
                }
            }
        }

        public ValueTask<RespCredentials> LoginAsync(string node, CancellationToken cancellationToken)
        {
            int number;
            lock (_gate)
            {
                _asked.Add(node);
                number = _asked.Count;
            }

            return number > 1 && number <= Failures + 1
                ? throw new IOException($"no token but {Secret}")
                : ValueTask.FromResult(new RespCredentials(User, Secret, TimeProvider.System.GetUtcNow() + Life));
        }
    }
}
