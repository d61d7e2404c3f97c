using System.Text.Json;
using System.Text.RegularExpressions;

namespace Redlock.Fast.Service.Tests;

/// <summary>The page, what its buttons send, and what monitoring is given.</summary>
public sealed partial class PageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_is_one_file_that_needs_nobody_else()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        using HttpResponseMessage answer = await service.Http.GetAsync("/", Token);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("default-src 'none'", string.Join(';', answer.Headers.GetValues("Content-Security-Policy")));
        string page = await answer.Content.ReadAsStringAsync(Token);
        Assert.DoesNotMatch(Foreign(), page);

        // What it asks for is there.
        string[] asked = [.. Asked().Matches(page).Select(match => match.Groups["path"].Value).Distinct()];
        Assert.NotEmpty(asked);
        foreach (string path in asked)
        {
            using HttpResponseMessage there = await service.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Token);
            Assert.True(there.IsSuccessStatusCode, $"{path}: {there.StatusCode}");
        }
    }

    [Fact]
    public async Task Its_buttons_send_clients_of_whom_one_ships_and_the_other_hears_why_not_with_their_spans()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        await service.PressAsync("carrier?seconds=5");
        await service.PressAsync("clients?order=4711&count=2&wait=0");
        JsonElement end = await service.SeesAsync(snapshot => snapshot.GetProperty("responses").GetArrayLength() == 2
            && snapshot.GetProperty("spans").GetArrayLength() >= 3);
        JsonElement[] responses = [.. end.GetProperty("responses").EnumerateArray()];
        Assert.Equal([409, 200], responses.Select(response => response.GetProperty("status").GetInt32()));
        Assert.NotNull(responses[0].GetProperty("retryAfter").GetString());
        string[] SpansOf(JsonElement response) =>
        [
            .. from span in end.GetProperty("spans").EnumerateArray()
               where span.GetProperty("trace").GetString() == response.GetProperty("trace").GetString()
               select span.GetProperty("name").GetString(),
        ];
        Assert.Equal(["acquire"], SpansOf(responses[0]));
        Assert.Equal(["acquire", "release"], SpansOf(responses[1]));
    }

    [Fact]
    public async Task Prometheus_is_given_the_documented_figures_by_their_documented_names()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        await service.SeesAsync(snapshot => snapshot.GetProperty("isLeader").GetBoolean());
        await service.PressAsync("carrier?seconds=3");
        await service.PressAsync("clients?order=4711&count=4&wait=30");
        await service.PressAsync("clients?order=4712&count=2&wait=0");
        await service.SeesAsync(snapshot => snapshot.GetProperty("responses").GetArrayLength() == 6);
        await service.PressAsync("nodes/0/stop");
        await service.PressAsync("nodes/1/stop");
        await service.ShipAsync(4713);
        string metrics = await service.MetricsAsync();
        Assert.All(
            (string[])
            [
                "redlock_acquire_duration_seconds_bucket", "redlock_acquire_duration_seconds_sum", "redlock_acquire_duration_seconds_count",
                "redlock_attempts_contended_total", "redlock_attempts_unavailable_total", "redlock_locks_held", "redlock_locks_kept",
                "redlock_waiters", "redlock_wait_duration_seconds_count", "redlock_successions_total",
                "redlock_hold_duration_seconds_count", "redlock_release_remaining_seconds_count", "resp_nodes_connected",
                "resp_round_trip_duration_seconds_count", "db_client_operation_duration_seconds_count", "redlock_leader_leading",
                "http_server_request_duration_seconds_count",
            ],
            series => Assert.Contains($"\n{series}{{", metrics));
        Assert.Contains("redlock_status=\"Contended\"", metrics);

        // And what is there stands on the page.
        string page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "operating.md"));
        string[] documented = [.. Instrument().Matches(page).Select(match => match.Value[1..^1].Replace('.', '_'))];
        string[] given = [.. Series().Matches(metrics).Select(match => match.Groups["name"].Value).Distinct()];
        Assert.True(given.Length > 10, metrics);
        Assert.All(given, series => Assert.Contains(
            documented, name => series == name || series == $"{name}_seconds" || series == $"{name}_total"));
    }

    [GeneratedRegex(@"(src|href|url\()\s*=?\s*[""']?(https?:)?//|@import|fetch\([""']http")]
    private static partial Regex Foreign();

    [GeneratedRegex(@"(href|EventSource\()=?""(?<path>/[a-z/]+)""")]
    private static partial Regex Asked();

    [GeneratedRegex(@"`(redlock|resp|db)\.[a-z._]+`")]
    private static partial Regex Instrument();

    [GeneratedRegex(@"^# TYPE (?<name>(redlock|resp|db)_\w+) ", RegexOptions.Multiline)]
    private static partial Regex Series();
}
