using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Extensions.Tests;

/// <summary>One line on the builder of a host, with nodes named by connection strings.</summary>
public class HostBuilderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connection_strings_lead_to_real_servers_and_the_check_comes_with_them()
    {
        await using TempRedis first = await TempRedis.StartAsync(cancellationToken: Token);
        await using TempRedis second = await TempRedis.StartAsync(cancellationToken: Token);
        await using TempRedis third = await TempRedis.StartAsync(cancellationToken: Token);
        HostApplicationBuilder builder = Builder(
            ("ConnectionStrings:redis1", first.Endpoint),
            ("ConnectionStrings:redis2", $"{second.Endpoint},abortConnect=false,name=shop\n"),
            ("ConnectionStrings:redis3", $"redis://{third.Endpoint}"),
            ("Redlock:Defaults:KeyPrefix", "shop:"));
        builder.AddRedlock("redis1", "redis2", "redis3");
        using IHost host = builder.Build();
        await host.StartAsync(Token);
        RedlockFactory factory = host.Services.GetRequiredService<RedlockFactory>();
        await factory.WaitUntilConnectedAsync(quorum: 3, Token);
        Assert.Equal([first.Endpoint, second.Endpoint, third.Endpoint], factory.Nodes.Select(node => node.Name));
        ILockProvider locks = host.Services.GetRequiredService<ILockProvider>();
        Assert.Equal("shop:", locks.Defaults.KeyPrefix);
        await using (LockHandle held = await locks.CreateMutex("door").LockAsync(Token))
        {
            Assert.True(held.IsHeld);
        }

        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);
        (string name, HealthReportEntry entry) = Assert.Single(report.Entries);
        Assert.Equal(("redlock", HealthStatus.Healthy), (name, entry.Status));
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task A_connection_string_that_is_missing_or_wrong_is_named_by_its_key()
    {
        HostApplicationBuilder builder = Builder(
            ("ConnectionStrings:redis1", "host:6379,password=hunter2,colour=red"),
            ("ConnectionStrings:redis3", "redis-3"),
            ("ConnectionStrings:redis4", "redis-3:6379"));
        builder.AddRedlock("redis1", "redis2", "redis3", "redis4");
        using IHost host = builder.Build();
        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Equal(
            [
                "Redlock: there is no connection string ConnectionStrings:redis2: set it to a node such as \"redis-1:6379\" (in the "
                    + "environment ConnectionStrings__redis2).",
                "Redlock: ConnectionStrings:redis1 is not an endpoint: ",
                "Redlock: ConnectionStrings:redis4 (redis-3:6379) is given twice: one node has one vote.",
            ],
            refused.Failures.Select(failure => failure.StartsWith("Redlock: ConnectionStrings:redis1 ", StringComparison.Ordinal)
                ? failure[..(failure.IndexOf("endpoint: ", StringComparison.Ordinal) + "endpoint: ".Length)]
                : failure));
        Assert.DoesNotContain("hunter2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_and_names_at_once_are_a_mistake()
    {
        HostApplicationBuilder builder = Builder(("ConnectionStrings:redis1", "redis-1"), ("Redlock:Nodes:0", "redis-2"));
        builder.AddRedlock("redis1");
        using IHost host = builder.Build();
        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Equal(
            "Redlock: Redlock:Nodes names nodes, and so do the connection strings redis1: leave one of the two out.",
            Assert.Single(refused.Failures));
    }

    [Fact]
    public void Without_names_the_section_has_the_nodes_and_code_has_the_last_word()
    {
        HostApplicationBuilder builder = Builder(("Redlock:Nodes:0", "redis-2"), ("Redlock:Defaults:Expiry", "5s"));
        builder.AddRedlock(options => options.Defaults.Expiry *= 2);
        using IHost host = builder.Build();
        ILockProvider locks = host.Services.GetRequiredService<ILockProvider>();
        Assert.Equal(TimeSpan.FromSeconds(10), locks.Defaults.Expiry);
        Assert.Equal("redis-2:6379", Assert.Single(host.Services.GetRequiredService<RedlockFactory>().Nodes).Name);
    }

    [Fact]
    public void Keyed_quorums_have_sections_and_checks_of_their_own()
    {
        HostApplicationBuilder builder = Builder(
            ("ConnectionStrings:redis1", "redis-1"),
            ("ConnectionStrings:redis4", "redis-4"),
            ("Redlock:Defaults:KeyPrefix", "shop:"),
            ("Redlock:Billing:Defaults:KeyPrefix", "billing:"));
        builder.AddRedlock("redis1").AddKeyedRedlock("Billing", options => options.ClientName = "b", "redis4");
        using IHost host = builder.Build();
        Assert.Equal("shop:", host.Services.GetRequiredService<ILockProvider>().Defaults.KeyPrefix);
        Assert.Equal("billing:", host.Services.GetRequiredKeyedService<ILockProvider>("Billing").Defaults.KeyPrefix);
        Assert.Equal("redis-4:6379", Assert.Single(host.Services.GetRequiredKeyedService<RedlockFactory>("Billing").Nodes).Name);
        Assert.Equal(["redlock", "redlock-Billing"], ChecksOf(host).Select(check => check.Name).Order());
    }

    [Fact]
    public void A_check_that_was_added_by_hand_stands()
    {
        HostApplicationBuilder builder = Builder(("ConnectionStrings:redis1", "redis-1"));
        builder.AddRedlock("redis1");
        builder.AddRedlock(static _ => { });
        builder.Services.AddHealthChecks().AddRedlock(tags: ["ready"]);
        using IHost host = builder.Build();
        Assert.Equal("ready", Assert.Single(Assert.Single(ChecksOf(host)).Tags));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task What_is_observed_can_be_left_out(bool isDisabled, bool byCode)
    {
        await using InMemoryNode node = InMemoryNode.Start();
        string value = isDisabled && !byCode ? "true" : "false";
        HostApplicationBuilder builder = Builder(
            ("ConnectionStrings:redis1", node.Endpoint),
            ("Redlock:DisableHealthChecks", value),
            ("Redlock:DisableTracing", value),
            ("Redlock:DisableMetrics", value));
        builder.AddRedlock(options =>
        {
            options.DisableHealthChecks |= isDisabled && byCode;
            options.DisableTracing |= isDisabled && byCode;
            options.DisableMetrics |= isDisabled && byCode;
        }, "redis1");
        List<Activity> spans = [];
        List<Metric> metrics = [];
        builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddInMemoryExporter(spans))
            .WithMetrics(metering => metering.AddInMemoryExporter(metrics));
        using IHost host = builder.Build();
        await host.StartAsync(Token);
        await using (await host.Services.GetRequiredService<ILockProvider>().CreateMutex("door").LockAsync(Token))
        {
        }

        host.Services.GetRequiredService<TracerProvider>().ForceFlush();
        host.Services.GetRequiredService<MeterProvider>().ForceFlush();
        Assert.Equal(isDisabled ? 0 : 1, ChecksOf(host).Count);
        Assert.Equal(isDisabled, spans.Count == 0);
        Assert.Equal(isDisabled, !metrics.Exists(metric => metric.MeterName == RedlockTelemetry.MeterName));
        Assert.Equal(isDisabled, !metrics.Exists(metric => metric.MeterName == RedlockTelemetry.NodeMeterName));
        await host.StopAsync(Token);
    }

    [Fact]
    public void What_can_never_be_right_is_refused_at_once()
    {
        HostApplicationBuilder builder = Builder();
        Assert.Throws<ArgumentException>("connectionNames", () => builder.AddRedlock("redis1", " "));
        Assert.Throws<ArgumentException>("key", () => builder.AddKeyedRedlock(string.Empty, "redis1"));
        Assert.Throws<ArgumentNullException>("configure", () => builder.AddRedlock((Action<RedlockServiceOptions>)null!, "redis1"));
    }

    private static ICollection<HealthCheckRegistration> ChecksOf(IHost host) =>
        host.Services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations;

    private static HostApplicationBuilder Builder(params (string Key, string Value)[] settings)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        return builder;
    }
}
