using System.Text.Json;
using System.Text.RegularExpressions;

namespace Redlock.Fast.Tests;

/// <summary>The alert rules and the dashboard ask for figures that exist, by the names that Prometheus is given.</summary>
public sealed partial class MonitoringTests
{
    private static readonly string _folder = Path.Combine(SourceTree.Root, "docs", "monitoring");
    private static readonly string _sources = string.Join('\n', Sources());

    [Theory]
    [InlineData("alerts.yaml")]
    [InlineData("dashboard.json")]
    public void Every_figure_and_label_is_one_of_the_sources(string file)
    {
        HashSet<string> known = [.. Series(), .. Labels()];
        string[] asked = [.. Name().Matches(File.ReadAllText(Path.Combine(_folder, file))).Select(match => match.Value).Distinct()];
        Assert.NotEmpty(asked);
        Assert.All(asked, name => Assert.True(known.Contains(name), $"{file} asks for {name}, which nothing measures."));
    }

    [Fact]
    public void The_dashboard_shows_every_instrument()
    {
        string dashboard = File.ReadAllText(Path.Combine(_folder, "dashboard.json"));
        Assert.All(Instruments(), instrument => Assert.Contains(Prometheus(instrument.Name), dashboard));
    }

    [Fact]
    public void Every_value_of_a_label_that_is_asked_for_is_one_of_the_sources()
    {
        string text = File.ReadAllText(Path.Combine(_folder, "alerts.yaml"))
            + File.ReadAllText(Path.Combine(_folder, "dashboard.json")).Replace("\\\"", "\"", StringComparison.Ordinal);
        string[] asked =
        [
            .. from match in Selected().Matches(text)
               from value in match.Groups["values"].Value.Split('|')
               select value,
        ];
        Assert.NotEmpty(asked);
        Assert.All(asked.Distinct(), value => Assert.Matches($@"\b{value}\b,? *(= \d+)?", _sources));
    }

    [Fact]
    public void The_dashboard_is_json_whose_panels_have_ids_of_their_own()
    {
        using JsonDocument dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "dashboard.json")));
        JsonElement.ArrayEnumerator panels = dashboard.RootElement.GetProperty("panels").EnumerateArray();
        int[] ids = [.. from panel in panels select panel.GetProperty("id").GetInt32()];
        Assert.Equal(ids.Distinct(), ids);
    }

    private static IEnumerable<string> Series()
    {
        foreach ((string kind, string name, string unit) in Instruments())
        {
            string series = Prometheus(name) + (unit == "s" ? "_seconds" : "");
            if (kind == "Histogram")
            {
                yield return series + "_bucket";
                yield return series + "_count";
                yield return series + "_sum";
            }
            else
            {
                yield return kind == "Counter" ? series + "_total" : series;
            }
        }
    }

    private static IEnumerable<string> Labels() =>
        from match in Tag().Matches(_sources)
        select Prometheus(match.Groups["name"].Value);

    // An instrument is named where it is made, its unit behind its name, or behind what an observable one calls.
    private static (string Kind, string Name, string Unit)[] Instruments()
    {
        (string Kind, string Name, string Unit)[] instruments =
        [
            .. from match in Instrument().Matches(_sources)
               select (match.Groups["kind"].Value, match.Groups["name"].Value, match.Groups["unit"].Value),
        ];
        Assert.Equal(Creation().Count(_sources), instruments.Length);
        return instruments;
    }

    private static string Prometheus(string name) => name.Replace('.', '_');

    private static IEnumerable<string> Sources() =>
        from file in Directory.GetFiles(Path.Combine(SourceTree.Root, "src"), "*.cs", SearchOption.AllDirectories)
        where !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
        select File.ReadAllText(file);

    [GeneratedRegex(@"\b(redlock|resp|server|error|db)_[a-z_]+\b")]
    private static partial Regex Name();

    [GeneratedRegex(@"\b(redlock|server|error)_\w+(=|!=|=~|!~)""(?<values>[\w|]+)""")]
    private static partial Regex Selected();

    [GeneratedRegex(@"""(?<name>(redlock|server|error|db)\.[a-z._]+)""")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\bCreate(Counter|Histogram|Gauge|UpDownCounter|Observable\w+)\b(<\w+>)?\(")]
    private static partial Regex Creation();

    [GeneratedRegex(
        @"\bCreate(?<kind>Counter|Histogram|Gauge|UpDownCounter|Observable\w+)\b(<\w+>)?\(\s*"
        + @"""(?<name>[a-z._]+)"",(?:[^"",]+,)?\s*""(?<unit>[^""]+)""")]
    private static partial Regex Instrument();
}
