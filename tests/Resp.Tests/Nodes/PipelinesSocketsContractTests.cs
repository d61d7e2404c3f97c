using System.Net;
using System.Net.Sockets;
using Pipelines.Sockets.Unofficial;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Resp.Tests;

public sealed class InMemoryOverPipelinesSockets : RespNodeContract
{
    internal override Task<ServerUnderTest> StartAsync(string? password)
    {
        InMemoryNode node = ServerUnderTest.InMemory(password);
        return Task.FromResult(new ServerUnderTest(PipelinesSockets.Tcp(node.Endpoint), node));
    }
}

public sealed class RedisOverPipelinesSockets : RespNodeContract
{
    internal override async Task<ServerUnderTest> StartAsync(string? password)
    {
        TempRedis redis = await ServerUnderTest.RedisAsync(password);
        return new ServerUnderTest(PipelinesSockets.Tcp(redis.Endpoint), redis);
    }
}

public sealed class RedisOverPipelinesUnixSockets : RespNodeContract
{
    internal override async Task<ServerUnderTest> StartAsync(string? password)
    {
        TempRedis redis = await ServerUnderTest.RedisAsync(password);
        return new ServerUnderTest(PipelinesSockets.Unix(redis.UnixEndpoint), redis);
    }
}

// The sockets of Pipelines.Sockets.Unofficial, with its own options.
internal static class PipelinesSockets
{
    public static Dialer Tcp(string endpoint)
    {
        IPEndPoint address = IPEndPoint.Parse(endpoint);
        return Dialer.From(endpoint, async _ => await SocketConnection.ConnectAsync(address));
    }

    public static Dialer Unix(string endpoint)
    {
        UnixDomainSocketEndPoint address = new(RedisEndpoint.Parse(endpoint).Path);
        return Dialer.From(endpoint, async _ => await SocketConnection.ConnectAsync(address));
    }
}
