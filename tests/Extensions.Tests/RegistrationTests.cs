using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
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
            options.StartTimeLimit = Hosts.Patience;
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
            ("Redlock:Defaults:Tries", "3"),
            ("Redlock:Defaults:Quorum", "1"),
            ("Redlock:Defaults:KeyPrefix", "lock:"),
            ("Redlock:Defaults:Continuation", "Inline"),
            ("Redlock:Defaults:RenewFraction", "0.5")).GetSection("Redlock")));
        await host.StartAsync(Token);
        RedlockMutex mutex = host.Services.GetRequiredService<LockProvider>().CreateMutex("door");
        Assert.Equal(
            MutexOptions.Blocking with
            {
                Expiry = TimeSpan.FromSeconds(5),
                Tries = 3,
                Quorum = 1,
                KeyPrefix = "lock:",
                Continuation = ContinuationMode.Inline,
                Renew = RenewOptions.Every(0.5, Timeout.InfiniteTimeSpan),
            },
            mutex.Options);
        Assert.True((await mutex.TryLockAsync(Token)).IsAcquired);
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
    public async Task The_end_of_the_host_ends_the_connections_after_the_releases()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        RedlockMutex mutex;
        using (IHost host = Hosts.Build(services => services.AddRedlock(options => options.Nodes.Add(node.Endpoint))))
        {
            await host.StartAsync(Token);
            mutex = host.Services.GetRequiredService<LockProvider>().CreateMutex("door");
            LockHandle held = await mutex.LockAsync(Token);
            await host.StopAsync(Token);
            ValueTask releasing = held.DisposeAsync();
            await ((IAsyncDisposable)host).DisposeAsync();
            await releasing;
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await mutex.TryLockAsync(Token));
        await using RedlockFactory other = RedlockFactory.Create(node.Endpoint);
        Assert.Equal(LockStatus.Acquired, (await other.CreateMutex("door", MutexOptions.NonBlocking).TryLockAsync(Token)).Status);
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

    [Theory]
    [InlineData("Nodes has 0 entries")]
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
}
