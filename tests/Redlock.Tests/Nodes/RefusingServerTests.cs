using System.Diagnostics;
using System.Globalization;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

public class RefusingServerTests(SharedNodes shared)
{
    private static readonly MutexOptions _options = MutexOptions.NonBlocking with { NodeTimeLimit = TimeSpan.FromSeconds(5) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Its master need not exist: a replica refuses writes whether it has found one or not.
    [Fact]
    public Task A_replica_is_no_node_of_a_quorum() => AssertRefusedAsync(["replicaof 127.0.0.1 1"], NodeVote.Misconfigured, "READONLY");

    [Fact]
    public Task A_node_out_of_memory_failed_and_is_not_held_by_another() =>
        AssertRefusedAsync(["maxmemory 1", "maxmemory-policy noeviction"], NodeVote.Failed, "OOM");

    [Fact]
    public Task A_node_that_cannot_save_failed() =>
        AssertRefusedAsync(["min-replicas-to-write 1", "min-replicas-max-lag 10"], NodeVote.Failed, "NOREPLICAS");

    [Fact]
    public async Task The_command_line_client_sees_what_the_token_says()
    {
        string program = InstalledRedis.RequireProgram("redis-cli");
        string endpoint = (await shared.EndpointsAsync(1))[0];
        using RedlockFactory factory = await shared.ConnectAsync(1);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.CreateMutex(name, _options with { Expiry = TimeSpan.FromMinutes(10), KeyPrefix = "cli:" });
        LockResult taken = await mutex.TryLockAsync(Token);
        Assert.Equal(taken.Token.Value, await CommandLineAsync(program, endpoint, "GET", "cli:" + name));
        Assert.InRange(
            long.Parse(await CommandLineAsync(program, endpoint, "PTTL", "cli:" + name), CultureInfo.InvariantCulture), 1, 600_000);
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, Token));
        Assert.Equal("0", await CommandLineAsync(program, endpoint, "EXISTS", "cli:" + name));
    }

    private static async Task<string> CommandLineAsync(string program, string endpoint, params string[] command)
    {
        string[] address = endpoint.Split(':');
        ProcessStartInfo start = new(program, ["-h", address[0], "-p", address[1], .. command]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return output.Trim();
    }

    private async Task AssertRefusedAsync(string[] configuration, NodeVote vote, string code)
    {
        using OwnServers server = await OwnServers.StartAsync(1, new TempRedisOptions { Configuration = configuration });
        using RedlockFactory alone = await server.ConnectAllAsync();
        RedlockMutex mutex = alone.CreateMutex("door", _options);
        Assert.Equal(LockStatus.Unavailable, (await mutex.TryLockAsync(Token)).Status);
        NodeOutcome outcome = Assert.Single(mutex.LastAttemptByAnyone);
        Assert.Equal(vote, outcome.Vote);
        Assert.Contains($"{server[0].Endpoint}: the node answered with the error: {code} ", outcome.Error, StringComparison.Ordinal);

        // One refusing node of three is outvoted.
        using RedlockFactory three = RedlockFactory.Create([server[0].Endpoint, .. await shared.EndpointsAsync(2)]);
        await Inspection.AllConnectedAsync(three);
        RedlockMutex outvoting = three.CreateMutex(Inspection.NewName(), _options);
        LockResult taken = await outvoting.TryLockAsync(Token);
        Assert.True(taken.IsAcquired);
        Assert.Equal(UnlockStatus.Released, await outvoting.UnlockAsync(taken.Token, Token));
    }
}
