using System.IO.Pipelines;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Resp.Tests;

public sealed class InMemoryOverTcp : RespNodeContract
{
    internal override Task<ServerUnderTest> StartAsync(string? password)
    {
        InMemoryNode node = ServerUnderTest.InMemory(password);
        return Task.FromResult(new ServerUnderTest(ServerUnderTest.Tcp(node.Endpoint), node));
    }
}

public sealed class InMemoryOverUnixSocket : RespNodeContract
{
    internal override Task<ServerUnderTest> StartAsync(string? password)
    {
        InMemoryNode node = ServerUnderTest.InMemory(password);
        return Task.FromResult(new ServerUnderTest(ServerUnderTest.Unix(node.UnixEndpoint), node));
    }
}

public sealed class InMemoryOverPipes : RespNodeContract
{
    internal override Task<ServerUnderTest> StartAsync(string? password)
    {
        InMemoryNode node = ServerUnderTest.InMemory(password);
        Dialer dialer = Dialer.From(node.Name, _ => ValueTask.FromResult<IDuplexPipe>(node.Connect()));
        return Task.FromResult(new ServerUnderTest(dialer, node));
    }
}

public sealed class InMemoryOverTls : RespNodeContract
{
    internal override Task<ServerUnderTest> StartAsync(string? password)
    {
        InMemoryNode node = ServerUnderTest.InMemory(password);
        TestCertificates certificates = new();
        TlsFront front = new(certificates.Server("redis.test"), node.Connect);
        TlsDialer dialer = new("127.0.0.1", front.Port, new TlsDialerOptions
        {
            TargetHost = "redis.test",
            CertificateAuthorities = [certificates.Authority],
        });
        return Task.FromResult(new ServerUnderTest(dialer, front, node, certificates));
    }
}

public sealed class RedisOverTcp : RespNodeContract
{
    internal override async Task<ServerUnderTest> StartAsync(string? password)
    {
        if (ServerContainer.Image is { } image)
        {
            ServerContainer container = await ServerUnderTest.ContainerAsync(image, password);
            return new ServerUnderTest(ServerUnderTest.Tcp(container.Endpoint), container);
        }

        TempRedis redis = await ServerUnderTest.RedisAsync(password);
        return new ServerUnderTest(ServerUnderTest.Tcp(redis.Endpoint), redis);
    }
}

public sealed class RedisOverUnixSocket : RespNodeContract
{
    internal override async Task<ServerUnderTest> StartAsync(string? password)
    {
        TempRedis redis = await ServerUnderTest.RedisAsync(password);
        return new ServerUnderTest(ServerUnderTest.Unix(redis.UnixEndpoint), redis);
    }
}

public sealed class RedisOverTls : RespNodeContract
{
    internal override async Task<ServerUnderTest> StartAsync(string? password)
    {
        TestCertificates certificates = new();
        CertificateFiles files = new(certificates.Server("redis.test"));
        TempRedis redis;
        try
        {
            redis = await ServerUnderTest.RedisAsync(
                password, new TempRedisOptions { TlsCertificatePath = files.CertificatePath, TlsKeyPath = files.KeyPath });
        }
        catch (InvalidOperationException refusal) when (refusal.Message.Contains("tls-port", StringComparison.Ordinal))
        {
            files.Dispose();
            certificates.Dispose();
            Assert.Skip("This redis-server was built without TLS.");
            throw;
        }

        TlsDialer dialer = new("127.0.0.1", redis.TlsPort, new TlsDialerOptions
        {
            TargetHost = "redis.test",
            CertificateAuthorities = [certificates.Authority],
        });
        return new ServerUnderTest(dialer, redis, files, certificates);
    }
}
