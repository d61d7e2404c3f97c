using System.Net;
using System.Text.Json;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Service.Tests;

/// <summary>Several instances of the sample, on servers that are not its own; and its end.</summary>
public sealed class InstanceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_instances_on_the_same_servers_exclude_each_other_and_have_one_leader()
    {
        InstalledRedis.Require();
        await using TempRedis first = await TempRedis.StartAsync(cancellationToken: Token);
        await using TempRedis second = await TempRedis.StartAsync(cancellationToken: Token);
        await using TempRedis third = await TempRedis.StartAsync(cancellationToken: Token);
        string nodes = $"{first.Endpoint}, {second.Endpoint},{third.Endpoint}";
        await using ServiceProcess one = await ServiceProcess.StartAsync("--nodes", nodes);
        await one.SeesAsync(snapshot => snapshot.GetProperty("isLeader").GetBoolean());
        await using ServiceProcess other = await ServiceProcess.StartAsync($"--nodes={nodes}");
        Assert.False((await other.SeesAsync(_ => true)).GetProperty("isLeader").GetBoolean());

        await one.PressAsync("carrier?seconds=60");
        Task<HttpResponseMessage> holder = one.PostAsync("/orders/4711/ship");
        await one.SeesAsync(
            snapshot => snapshot.GetProperty("turns").EnumerateArray()
                .Any(turn => turn.GetProperty("held").ValueKind == JsonValueKind.Number));
        Assert.Equal(HttpStatusCode.Conflict, (await other.ShipAsync(4711)).Response.StatusCode);
        Assert.False(holder.IsCompleted);
        using HttpResponseMessage refused = await one.PostAsync("/sample/nodes/0/stop");
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);

        // What a crash leaves behind goes with its expiry.
        await one.KillAsync();
        await other.SeesAsync(snapshot => snapshot.GetProperty("isLeader").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, (await other.ShipAsync(4711, "?wait=30")).Response.StatusCode);
    }

    [Fact]
    public async Task It_ends_at_once_though_its_page_is_open()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        using Stream open = await service.Http.GetStreamAsync("/live", Token);
        await open.ReadExactlyAsync(new byte[1], Token);
        Assert.Equal(0, await service.TerminateAsync());
    }

    [Theory]
    [InlineData("", "Redlock:Nodes:0 is not an endpoint")]
    [InlineData("a:1,a:1", "Redlock:Nodes:1 (a:1) is given twice")]
    [InlineData("a:1,:", "Redlock:Nodes:1 is not an endpoint")]
    public async Task Nodes_that_are_none_end_it_with_the_setting_that_is_wrong(string nodes, string words)
    {
        (string output, int exitCode) = await ServiceProcess.RunAsync("--urls", "http://127.0.0.1:0", "--nodes", nodes);
        Assert.Equal(2, exitCode);
        Assert.Contains(words, output);
    }

    [Fact]
    public async Task A_port_that_is_taken_ends_it_with_the_port()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        string address = service.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        (string output, int exitCode) = await ServiceProcess.RunAsync("--urls", address);
        Assert.Equal(2, exitCode);
        Assert.Contains($"Failed to bind to address {address}", output);
    }
}
