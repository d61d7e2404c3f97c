using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Redlock.Fast.Extensions.Tests;

/// <summary>The page, the schema and the binder know the same settings.</summary>
public sealed partial class ConfigurationPageTests
{
    private static readonly string _page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "configuration.md"));

    private static JsonElement Definitions => JsonDocument
        .Parse(File.ReadAllText(Path.Combine(SourceTree.Root, "src", "Redlock.Extensions", "ConfigurationSchema.json")))
        .RootElement.GetProperty("definitions");

    private static IConfigurationSection Shown
    {
        get
        {
            using MemoryStream json = new(Encoding.UTF8.GetBytes(Example().Match(_page).Groups["json"].Value));
            return new ConfigurationBuilder().AddJsonStream(json).Build().GetSection("Redlock");
        }
    }

    [Fact]
    public void The_pages_example_names_every_setting()
    {
        IConfigurationSection shown = Shown;
        Assert.All(RedlockSettings.Known, key => Assert.True(shown.GetSection(key).Exists(), $"{key} is not shown."));
        Assert.Equal(RedlockSettings.Known, Rows().Select(row => row.Key));
    }

    [Fact]
    public async Task The_pages_example_is_read_without_a_mistake()
    {
        IConfigurationSection shown = Shown;
        await using ServiceProvider services = new ServiceCollection()
            .AddRedlock(shown)
            .AddKeyedRedlock("Billing", shown.GetSection("Billing"))
            .BuildServiceProvider();
        ILockProvider locks = services.GetRequiredService<ILockProvider>();
        Assert.Equal(
            MutexOptions.Blocking with
            {
                WaitLimit = Timeout.InfiniteTimeSpan,
                Quorum = 2,
                NodeTimeLimit = TimeSpan.FromMilliseconds(400),
                Renew = RenewOptions.Every(0.33, Timeout.InfiniteTimeSpan),
            },
            locks.Defaults);
        ILockProvider billing = services.GetRequiredKeyedService<ILockProvider>("Billing");
        Assert.Equal(MutexOptions.Blocking with { KeyPrefix = "billing:", Expiry = TimeSpan.FromSeconds(30) }, billing.Defaults);
        Assert.Equal("billing-redis:6379", Assert.Single(services.GetRequiredKeyedService<RedlockFactory>("Billing").Nodes).Name);
    }

    [Fact]
    public void The_pages_defaults_are_the_real_ones()
    {
        RedlockServiceOptions real = new();
        RedlockServiceOptions told = new();
        IConfiguration configuration = Hosts.Configuration(
            [.. Rows().Where(row => row.Default.StartsWith('`')).Select(row => (row.Key, row.Default.Trim('`')))]);
        RedlockSettings.Read(configuration, told);
        Assert.Empty(told.Problems);
        Assert.Equal(
            real.Defaults.ToMutexOptions(), told.Defaults.ToMutexOptions());
        Assert.Equal(
            (real.StartTimeLimit, real.StopTimeLimit, real.KeptAtStop, real.Wakes),
            (told.StartTimeLimit, told.StopTimeLimit, told.KeptAtStop, told.Wakes));
    }

    [Fact]
    public void The_schema_has_the_settings_and_the_defaults_of_the_page()
    {
        List<(string Key, string Default)> inSchema = [];
        foreach ((string definition, string prefix) in ((string, string)[])[("redlockQuorum", ""), ("redlockDefaults", "Defaults:")])
        {
            foreach (JsonProperty setting in Definitions.GetProperty(definition).GetProperty("properties").EnumerateObject())
            {
                Assert.True(setting.Name == "Defaults" || setting.Value.TryGetProperty("description", out _), setting.Name);
                string value = setting.Value.TryGetProperty("default", out JsonElement given) ? given.ToString() : "none";
                inSchema.Add((prefix + setting.Name, value));
            }
        }

        Assert.Equal(RedlockSettings.Known, inSchema.Select(setting => setting.Key).Where(key => key != "Defaults"));
        foreach ((string key, string value) in Rows().Where(row => row.Default.StartsWith('`')))
        {
            Assert.Equal(value.Trim('`'), inSchema.Single(setting => setting.Key == key).Default, ignoreCase: true);
        }
    }

    [Theory]
    [InlineData("5s")]
    [InlineData("1.5h")]
    [InlineData("250MS")]
    [InlineData("00:00:05")]
    [InlineData("00:00:00.250")]
    [InlineData("1.00:00:00")]
    [InlineData("5")]
    [InlineData("0")]
    [InlineData("5 apples")]
    [InlineData("infinite")]
    public void The_schema_takes_the_durations_that_the_binder_takes(string text)
    {
        string pattern = Definitions.GetProperty("redlockDuration").GetProperty("pattern").GetString()!;
        Assert.Equal(DurationText.TryParse(text, out _), Regex.IsMatch(text, pattern, RegexOptions.ECMAScript));
    }

    private static IEnumerable<(string Key, string Default)> Rows() =>
        from Match row in Row().Matches(_page)
        select (row.Groups["key"].Value, row.Groups["default"].Value.Trim());

    [GeneratedRegex("```json\n(?<json>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"^\| `(?<key>[\w:]+)` \|.*\|(?<default>[^|]*)\|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
