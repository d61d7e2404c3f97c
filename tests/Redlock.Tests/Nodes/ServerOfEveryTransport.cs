using System.Net;
using Pipelines.Sockets.Unofficial;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>What a node's bytes travel by.</summary>
public enum Transport
{
    Tcp = 0,
    Unix,
    Tls,

    /// <summary>A pipe that is not the library's own.</summary>
    PipelinesSockets,
}

/// <summary>One redis-server of a test's own, in a process of its own, that is reached over TCP, a Unix socket and TLS.</summary>
internal sealed class ServerOfEveryTransport : IDisposable
{
    private const string Host = "redis.test";

    private readonly TestCertificates _certificates;
    private readonly CertificateFiles _files;
    private readonly TempRedis _redis;
    private readonly List<IDisposable> _owned = [];

    private ServerOfEveryTransport(TestCertificates certificates, CertificateFiles files, TempRedis redis)
    {
        _certificates = certificates;
        _files = files;
        _redis = redis;
    }

    public static async Task<ServerOfEveryTransport> StartAsync()
    {
        InstalledRedis.Require();
        TestCertificates certificates = new();
        CertificateFiles files = new(certificates.Server(Host));
        TempRedisOptions options = new() { TlsCertificatePath = files.CertificatePath, TlsKeyPath = files.KeyPath };
        return new ServerOfEveryTransport(certificates, files, await TempRedis.StartAsync(options, TestContext.Current.CancellationToken));
    }

    /// <summary>A factory of one node, which may not be connected yet.</summary>
    public RedlockFactory Connect(Transport transport)
    {
        RespNode node = new(NewDialer(transport), new RespNodeOptions());
        RedlockFactory factory = new(node);
        _owned.Add(factory);
        _owned.Add(node);
        return factory;
    }

    public async Task<RedlockFactory> ConnectAllAsync(Transport transport)
    {
        RedlockFactory factory = Connect(transport);
        await Inspection.AllConnectedAsync(factory);
        return factory;
    }

    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
        {
            owned.Dispose();
        }

        _redis.Dispose();
        _files.Dispose();
        _certificates.Dispose();
    }

    private Dialer NewDialer(Transport transport) => transport switch
    {
        Transport.Unix => new UnixDialer(RedisEndpoint.Parse(_redis.UnixEndpoint).Path),
        Transport.Tls => new TlsDialer("127.0.0.1", _redis.TlsPort, new TlsDialerOptions
        {
            TargetHost = Host,
            CertificateAuthorities = [_certificates.Authority],
        }),
        Transport.PipelinesSockets => Dialer.From(
            _redis.Endpoint, async _ => await SocketConnection.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _redis.Port))),
        _ => new TcpDialer("127.0.0.1", _redis.Port),
    };
}
