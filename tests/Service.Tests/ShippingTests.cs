using System.Net;
using System.Text.Json;

namespace Redlock.Fast.Service.Tests;

/// <summary>What clients of the sample hear, and what its probes say meanwhile.</summary>
public sealed class ShippingTests
{
    // Longer than any test: whoever holds holds to its end.
    private const string Endless = "carrier?seconds=60";

    [Fact]
    public async Task An_order_is_shipped_parcel_by_parcel()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        await service.PressAsync("carrier?seconds=0");
        for (int parcel = 1; parcel <= 3; parcel++)
        {
            (HttpResponseMessage response, JsonElement body) = await service.ShipAsync(4711);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal($"4711-{parcel}", body.GetProperty("label").GetString());
        }
    }

    [Fact]
    public async Task Whoever_comes_while_another_ships_is_told_so_and_when_to_come_again()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        await service.PressAsync(Endless);
        Task<HttpResponseMessage> holder = service.PostAsync("/orders/4711/ship?by=holder");
        await service.SeesAsync(snapshot => Turn(snapshot, "holder") is { } turn && IsHeld(turn));
        (HttpResponseMessage response, JsonElement body) = await service.ShipAsync(4711);
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(TimeSpan.FromSeconds(60), response.Headers.RetryAfter?.Delta);
        Assert.Contains("order:4711", body.GetProperty("detail").GetString());

        // Another order is nobody's.
        await service.PressAsync("carrier?seconds=0");
        Assert.Equal(HttpStatusCode.OK, (await service.ShipAsync(4712)).Response.StatusCode);
        Assert.False(holder.IsCompleted);
    }

    [Fact]
    public async Task Whoever_waits_is_shown_as_waiting_and_gets_his_turn()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        await service.PressAsync("carrier?seconds=5");
        Task<HttpResponseMessage> holder = service.PostAsync("/orders/4711/ship?by=holder");
        await service.SeesAsync(snapshot => Turn(snapshot, "holder") is { } turn && IsHeld(turn));
        Task<(HttpResponseMessage Response, JsonElement Body)> waiter = service.ShipAsync(4711, "?wait=30&by=waiter");
        await service.SeesAsync(snapshot => Turn(snapshot, "waiter") is { } turn && !IsHeld(turn));
        Assert.Equal(HttpStatusCode.OK, (await holder.SoonAsync()).StatusCode);
        Assert.Equal("4711-2", (await waiter.SoonAsync()).Body.GetProperty("label").GetString());
        JsonElement end = await service.SeesAsync(snapshot => Turn(snapshot, "waiter") is { } turn && EndOf(turn) == "Done");
        Assert.True(
            Turn(end, "waiter")!.Value.GetProperty("held").GetDouble() >= Turn(end, "holder")!.Value.GetProperty("ended").GetDouble());
    }

    [Fact]
    public async Task A_client_that_goes_waits_no_longer()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        await service.PressAsync(Endless);
        Task<HttpResponseMessage> holder = service.PostAsync("/orders/4711/ship?by=holder");
        await service.SeesAsync(snapshot => Turn(snapshot, "holder") is { } turn && IsHeld(turn));
        using CancellationTokenSource goes = new();
        Task<HttpResponseMessage> waiter = service.Http.PostAsync("/orders/4711/ship?wait=30&by=waiter", content: null, goes.Token);
        await service.SeesAsync(snapshot => Turn(snapshot, "waiter") is not null);
        await goes.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiter);
        await service.SeesAsync(snapshot => Turn(snapshot, "waiter") is { } turn && EndOf(turn) == "GaveUp");
        Assert.False(holder.IsCompleted);
    }

    [Fact]
    public async Task Without_a_quorum_clients_hear_the_nodes_words_and_the_service_is_not_ready_until_it_mends_itself()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        await service.PressAsync("carrier?seconds=0");
        Assert.Equal((HttpStatusCode.OK, "Healthy"), await service.HealthAsync("ready"));
        await service.PressAsync("nodes/0/stop");
        Assert.Equal((HttpStatusCode.OK, "Degraded"), await service.HealthAsync("ready"));
        Assert.Equal(HttpStatusCode.OK, (await service.ShipAsync(4711)).Response.StatusCode);

        await service.PressAsync("nodes/1/stop");
        (HttpResponseMessage response, JsonElement body) = await service.ShipAsync(4711);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.NotNull(response.Headers.RetryAfter?.Delta);
        string[] failed =
        [
            .. from node in body.GetProperty("nodes").EnumerateArray()
               where node.GetString()!.StartsWith("Failed: 127.0.0.1:", StringComparison.Ordinal)
               select node.GetString(),
        ];
        Assert.Equal(2, failed.Length);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Unhealthy"), await service.HealthAsync("ready"));
        Assert.Equal((HttpStatusCode.OK, "Healthy"), await service.HealthAsync("live"));

        await service.PressAsync("nodes/0/start");
        await service.PressAsync("nodes/1/start");
        await Eventually.Holds(async () => await service.HealthAsync("ready") == (HttpStatusCode.OK, "Healthy"));
        Assert.Equal(HttpStatusCode.OK, (await service.ShipAsync(4711)).Response.StatusCode);
    }

    [Fact]
    [Trait("Waits", "long")]
    public async Task A_lock_that_is_lost_breaks_the_work_off_and_the_client_is_not_told_to_come_again()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        await service.PressAsync(Endless);
        Task<(HttpResponseMessage Response, JsonElement Body)> holder = service.ShipAsync(4711, "?by=holder");
        await service.SeesAsync(snapshot => Turn(snapshot, "holder") is { } turn && IsHeld(turn));
        await service.PressAsync("nodes/0/stop");
        await service.PressAsync("nodes/1/stop");
        (HttpResponseMessage response, JsonElement body) = await holder.SoonAsync();
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Null(response.Headers.RetryAfter);
        Assert.Contains("Look at the order", body.GetProperty("detail").GetString());
        await service.SeesAsync(
            snapshot => EndOf(Turn(snapshot, "holder")!.Value) == "Lost" && !snapshot.GetProperty("isLeader").GetBoolean());
        Assert.Contains("redlock_locks_lost_total{", await service.MetricsAsync());
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        (string Path, HttpStatusCode Code, string Words)[] refused =
        [
            ("/orders/99/ship", HttpStatusCode.NotFound, "There is no order 99."),
            ("/orders/4711/ship?wait=31", HttpStatusCode.BadRequest, "0 to 30 seconds, not 31."),
            ("/orders/4711/ship?wait=-1", HttpStatusCode.BadRequest, "0 to 30 seconds, not -1."),
            ("/orders/4711/ship?wait=soon", HttpStatusCode.BadRequest, ""),
            ("/orders/all/ship", HttpStatusCode.NotFound, ""),
            ("/sample/nodes/3/stop", HttpStatusCode.NotFound, "own nodes"),
            ("/sample/nodes/-1/stop", HttpStatusCode.NotFound, "own nodes"),
            ("/sample/carrier?seconds=NaN", HttpStatusCode.BadRequest, ""),
            ("/sample/clients?order=4711&count=41&wait=0", HttpStatusCode.TooManyRequests, ""),
            ("/sample/clients?order=4711&count=-1&wait=0", HttpStatusCode.TooManyRequests, ""),
        ];
        foreach ((string path, HttpStatusCode code, string words) in refused)
        {
            using HttpResponseMessage response = await service.PostAsync(path);
            Assert.True(response.StatusCode == code, $"{path}: {response.StatusCode}");
            Assert.Contains(words, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    private static JsonElement? Turn(JsonElement snapshot, string by)
    {
        foreach (JsonElement turn in snapshot.GetProperty("turns").EnumerateArray())
        {
            if (turn.GetProperty("by").GetString() == by)
            {
                return turn;
            }
        }

        return null;
    }

    private static bool IsHeld(JsonElement turn) => turn.GetProperty("held").ValueKind == JsonValueKind.Number;

    private static string? EndOf(JsonElement turn) => turn.GetProperty("end").GetString();
}
