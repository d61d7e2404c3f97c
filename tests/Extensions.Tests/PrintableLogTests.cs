using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Extensions.Tests;

public class PrintableLogTests
{
    private const string Evil = "door\r\n2026-01-01 ERROR forged\u001b[2J\u2028\u202Etxet\u2066\uFEFF";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_log_line_repeats_what_a_terminal_obeys()
    {
        await using InMemoryNode node = InMemoryNode.Start();
        using RecordedLog log = new();
        using IHost host = Hosts.Build(services => services.AddKeyedRedlock(Evil, options => options.Nodes.Add(node.Endpoint)), log);
        await host.StartAsync(Token);
        LockProvider locks = host.Services.GetRequiredKeyedService<LockProvider>(Evil);
        await locks.Factory.WaitUntilConnectedAsync(Token);
        LockHandle kept = await locks.CreateMutex(
            Evil, defaults => defaults with { Renew = RenewOptions.Every(0.001, Timeout.InfiniteTimeSpan) }).LockAsync(Token);
        LockHandle other = await locks.CreateMutex("window" + Evil).LockAsync(Token);
        LockHandle late = await locks.CreateMutex(
            "late" + Evil, defaults => defaults with { Expiry = TimeSpan.FromMilliseconds(20), Factor = 0 }).LockAsync(Token);
        node.Faults.LoseAllData();
        await Eventually.Holds(() => log.Of("LockLost").Count == 1, "the loss is written down");
        await Eventually.Holds(() => !late.IsHeld, "it has run out");
        await late.DisposeAsync();
        await Eventually.Holds(() => log.Of("LockOutlasted").Count == 1, "the late release is written down");
        node.Stop();
        await Eventually.Holds(() => log.Of("NodeLost").Count == 1, "the node is gone");
        await other.DisposeAsync();
        await Eventually.Holds(() => log.Of("ReleaseUnknown").Count == 1, "the release is written down");
        Assert.False(kept.IsHeld);
        foreach (string kind in (string[])["NodeConnected", "LockLost", "LockOutlasted", "NodeLost", "ReleaseUnknown"])
        {
            Assert.Contains("forged\\u001B[2J", log.Of(kind)[0], StringComparison.Ordinal);
            AssertPrintable(log.Of(kind)[0]);
        }
    }

    [Fact]
    public async Task No_health_check_repeats_what_a_terminal_obeys()
    {
        using RedlockFactory factory = new(new NamedChannel());
        RedlockHealthCheck check = new(factory);
        HealthCheckContext context = new()
        {
            Registration = new HealthCheckRegistration("redlock", check, HealthStatus.Unhealthy, tags: null),
        };
        HealthCheckResult result = await check.CheckHealthAsync(context, Token);
        Assert.Contains("forged\\u001B[2J", result.Description, StringComparison.Ordinal);
        AssertPrintable(result.Description!);
        (string key, object value) = Assert.Single(result.Data);
        AssertPrintable(key);
        AssertPrintable(value.ToString()!);
        AssertPrintable(Assert.IsType<NodeHealth>(value).Concern!);
    }

    [Fact]
    public void No_refused_setting_repeats_what_a_terminal_obeys()
    {
        using IHost host = Hosts.Build(services => services.AddKeyedRedlock(Evil, Hosts.Configuration(("Nodes:0", "a"), (Evil, "1"))));
        IOptionsMonitor<RedlockServiceOptions> options = host.Services.GetRequiredService<IOptionsMonitor<RedlockServiceOptions>>();
        OptionsValidationException refused = Assert.Throws<OptionsValidationException>(() => options.Get(Evil));
        Assert.All(refused.Failures, AssertPrintable);
        Assert.Contains(refused.Failures, failure => failure.Contains("there is no setting", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("h")]
    [InlineData("redis://h/1")]
    public void A_user_without_a_password_is_refused_before_the_start(string endpoint)
    {
        using IHost host = Hosts.Build(
            services => services.AddRedlock(Hosts.Configuration(("Nodes:0", "redis://:p@g"), ("Nodes:1", endpoint), ("User", "locks"))));
        Assert.Contains("User is set and Password is not", Assert.Throws<OptionsValidationException>(
            () => host.Services.GetRequiredService<IOptionsMonitor<RedlockServiceOptions>>().CurrentValue).Message,
                StringComparison.Ordinal);
    }

    private static void AssertPrintable(string text)
    {
        foreach (char letter in text)
        {
            UnicodeCategory category = char.GetUnicodeCategory(letter);
            Assert.False(
                category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator,
                $"U+{(int)letter:X4} in {text.Length} characters");
        }
    }

    private sealed class NamedChannel : RespChannel
    {
        public override string Name => Evil;

        public override TimeProvider TimeProvider => MonotonicTime.Shared;

        public override RespTicket TrySend(ReadOnlySpan<byte> frame, in RespRequest request) => new(RequestFailure.NotConnected);

        public override string Describe(RequestFailure failure) => $"{Evil}: {Evil}";
    }
}
