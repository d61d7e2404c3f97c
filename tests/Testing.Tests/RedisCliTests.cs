using System.Diagnostics;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

public sealed class RedisCliTests
{
    [Theory]
    [InlineData(InMemoryTransports.Tcp)]
    [InlineData(InMemoryTransports.UnixSocket)]
    public async Task The_terminal_of_redis_finds_its_way_around(InMemoryTransports transport)
    {
        string program = InstalledRedis.RequireProgram("redis-cli");
        await using InMemoryNode node = InMemoryNode.Start();
        string[] address = transport == InMemoryTransports.Tcp
            ? ["-h", "127.0.0.1", "-p", node.Endpoint.Split(':')[1]]
            : ["-s", node.UnixEndpoint["unix:".Length..]];
        async Task<string> AskAsync(params string[] words)
        {
            ProcessStartInfo start = new ProcessStartInfo(program, [.. address, .. words]) { RedirectStandardOutput = true };
            using Process process = Process.Start(start)!;
            string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return output.TrimEnd();
        }

        Assert.Equal("OK", await AskAsync("SET", "lock", "mine", "NX", "PX", "100000"));
        Assert.Equal("mine", await AskAsync("GET", "lock"));
        string release = await AskAsync("SCRIPT", "LOAD", RedlockScripts.Release.Text);
        Assert.Equal("-1", await AskAsync("EVALSHA", release, "1", "lock", "other"));
        Assert.Equal("1", await AskAsync("EVALSHA", release, "1", "lock", "mine"));
        Assert.Equal("0", await AskAsync("DEL", "lock"));
        Assert.Contains("redis_version:", await AskAsync("INFO"), StringComparison.Ordinal);
    }
}
