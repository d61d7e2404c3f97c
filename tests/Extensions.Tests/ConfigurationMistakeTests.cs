using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Redlock.Fast.Extensions.Tests;

/// <summary>What is told of a configuration that can't be used.</summary>
public class ConfigurationMistakeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Nodes has 0 entries")]
    [InlineData("Nodes:0 is not an endpoint", "Nodes", "a:1,b:2")]
    [InlineData("Each node is an entry of its own: Nodes:0, Nodes:1", "Nodes", "a:1,b:2")]
    [InlineData("Defaults:Expiry is '10'; write a number with its unit (ms, s, m, h or d)", "Nodes", "a", "Defaults:Expiry", "10")]
    [InlineData("Defaults:Delay is '500 milliseconds'; write", "Nodes", "a", "Defaults:Delay", "500 milliseconds")]
    [InlineData("Defaults:WaitLimit is '0'; write", "Nodes", "a", "Defaults:WaitLimit", "0")]
    [InlineData("such as 00:00:05, or 'infinite'. A number alone", "Nodes", "a", "Defaults:WaitLimit", "forever")]
    [InlineData("Defaults:WaitLimit must be zero or more", "Nodes", "a", "Defaults:WaitLimit", "-5s")]
    [InlineData("Defaults:SuccessionLimit must be 0 or more", "Nodes", "a", "Defaults:SuccessionLimit", "-1")]
    [InlineData("Wakes is 'yes' and must be true or false", "Nodes", "a", "Wakes", "yes")]
    [InlineData("Defaults:Expiry must be one value, and has Seconds below it", "Nodes", "a", "Defaults:Expiry:Seconds", "5")]
    [InlineData("Defaults must be a section", "Nodes", "a", "Defaults", "5s")]
    [InlineData("StopTimeLimit is '1?[2J'; write", "Nodes", "a", "StopTimeLimit", "1\u001b[2J")]
    [InlineData("Defaults:Tries is '3.5' and must be a whole number", "Nodes", "a", "Defaults:Tries", "3.5")]
    [InlineData("Defaults:Factor is '0,01' and must be a number with a point", "Nodes", "a", "Defaults:Factor", "0,01")]
    [InlineData("Defaults:Continuation is 'Pool' and must be one of ThreadPool, Inline", "Nodes", "a", "Defaults:Continuation", "Pool")]
    [InlineData("Defaults:Release is '1' and must be one of Confirmed, Posted", "Nodes", "a", "Defaults:Release", "1")]
    [InlineData("KeptAtStop is '1' and must be one of Release, Leave", "Nodes", "a", "KeptAtStop", "1")]
    [InlineData("there is no setting Pasword; did you mean Password? Known are Nodes, User, Password", "Nodes", "a", "Pasword", "hunter2")]
    [InlineData("no setting Defaults:RenewFracton; did you mean RenewFraction? Known are", "Nodes", "a", "Defaults:RenewFracton", "0.3")]
    [InlineData("there is no setting Timeout; known are Nodes", "Nodes", "a", "Timeout", "5s")]
    [InlineData("there is no setting Default; did you mean Defaults?", "Nodes", "a", "Default:Expiry", "5s")]
    [InlineData("MaxHoldTime is set and RenewFraction is not", "Nodes", "a", "Defaults:MaxHoldTime", "01:00:00")]
    [InlineData("Nodes:1 is not an endpoint", "Nodes:0", "a:1", "Nodes:1", "redis://:hunter2@host:99999")]
    [InlineData("Nodes:1 (a:6379) is given twice", "Nodes:0", "a:6379", "Nodes:1", "a")]
    [InlineData("Tries must be 1 or more", "Nodes:0", "a", "Defaults:Tries", "0")]
    [InlineData("Quorum must be more than half of the 3 nodes", "Nodes:0", "a", "Nodes:1", "b", "Nodes:2", "c", "Defaults:Quorum", "1")]
    [InlineData("Defaults:RenewFraction: The fraction must be above 0", "Nodes:0", "a", "Defaults:RenewFraction", "1.5")]
    [InlineData(
        "Defaults:MaxHoldTime: The longest hold time must be above zero",
        "Nodes:0", "a", "Defaults:RenewFraction", "0.3", "Defaults:MaxHoldTime", "0s")]
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
    public async Task Every_message_names_the_path_of_its_setting()
    {
        using IHost host = Hosts.Build(services => services.AddKeyedRedlock("billing", Hosts.Configuration(
            ("Locks:Billing:Nodes:0", "a"), ("Locks:Billing:Nodes:1", "b:x"), ("Locks:Billing:Pasword", "hunter2"),
            ("Locks:Billing:Defaults:Tries", "0"), ("Locks:Billing:Defaults:Expiry", "5"), ("Locks:Billing:StopTimeLimit", "2h"))
            .GetSection("Locks:Billing")));
        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.All(
            refused.Failures,
            failure => Assert.Matches("^Redlock 'billing': (there is no setting )?Locks:Billing:[A-Z]", failure));
        Assert.Equal(5, refused.Failures.Count());
    }

    [Theory]
    [InlineData("00:00:05", 5_000)]
    [InlineData("1.00:00:00", 86_400_000)]
    [InlineData("5s", 5_000)]
    [InlineData("1.5 s", 1_500)]
    [InlineData("250MS", 250)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("2d", 172_800_000)]
    [InlineData("-5s", -5_000)]
    [InlineData("0s", 0)]
    [InlineData("5", null)]
    [InlineData("0", null)]
    [InlineData("s", null)]
    [InlineData("5 apples", null)]
    [InlineData("1,5s", null)]
    [InlineData("infinite", null)]
    [InlineData("99999999999999999999d", null)]
    [InlineData("1::2", null)]
    public void A_duration_has_a_unit(string text, int? milliseconds)
    {
        Assert.Equal(milliseconds is not null, DurationText.TryParse(text, out TimeSpan duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds ?? 0), duration);
    }

    [Theory]
    [InlineData("expirey", "Expiry")]
    [InlineData("Delya", "Delay")]
    [InlineData("Prefix", "KeyPrefix")]
    [InlineData("x", null)]
    [InlineData("ExpiryExpiryExpiryExpiry", null)]
    public void The_nearest_name_is_one_that_is_near(string name, string? nearest) =>
        Assert.Equal(nearest, NearestName.Of(name, ["Delay", "Expiry", "KeyPrefix"]));

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
