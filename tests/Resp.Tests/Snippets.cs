using System.IO.Pipelines;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Redlock.Fast.Resp.Tests;

/// <summary>The program of the package's page, and the examples in the documentation of its members.</summary>
internal static class Snippets
{
    public static async Task PageAsync()
    {
        #region page-resp
        await using RespNode node = RespNode.Connect("localhost:6379");
        RespValue answer = await node.SendAsync("PING");
        Console.WriteLine(answer.AsString());   // PONG
        #endregion
    }

    public static async Task NodeAsync()
    {
        #region example-RespNode
        await using RespNode node = RespNode.Connect("localhost:6379");
        RespValue answer = await node.SendAsync("PING");
        #endregion
        Console.WriteLine(answer.AsString());
    }

    public static void Endpoint(string line)
    {
        #region example-RedisEndpoint.Parse
        RedisEndpoint plain = RedisEndpoint.Parse("redis-1:6379");
        RedisEndpoint withLogin = RedisEndpoint.Parse("rediss://locks:secret@redis-2:6380/1");
        RedisEndpoint ofAnotherClient = RedisEndpoint.Parse("redis-3:6380,password=secret,ssl=true");
        #endregion
        #region example-RedisEndpoint.TryParse
        if (!RedisEndpoint.TryParse(line, out RedisEndpoint? endpoint, out string? problem))
        {
            Console.Error.WriteLine(problem);   // names the part that is wrong, and repeats nothing of the line
        }
        #endregion
        _ = (plain, withLogin, ofAnotherClient, endpoint);
    }

    public static void Options(string password, X509Certificate2Collection authorities)
    {
        #region example-RespNodeOptions
        RespNodeOptions options = new() { User = "locks", Password = password, ConnectTimeLimit = TimeSpan.FromSeconds(2) };
        using RespNode node = RespNode.Connect("redis-1:6379", options);
        #endregion
        #region example-TcpDialer
        using RespNode overTcp = new(new TcpDialer("redis-1", 6379));
        #endregion
        #region example-UnixDialer
        using RespNode overUnix = new(new UnixDialer("/run/redis.sock"));
        #endregion
        #region example-TlsDialer
        using RespNode overTls = new(new TlsDialer("redis-1", 6380, new TlsDialerOptions { CertificateAuthorities = authorities }));
        #endregion
        #region example-TlsDialerOptions
        TlsDialerOptions trust = new() { CertificateAuthorities = authorities };
        using RespNode trusting = RespNode.Connect("rediss://redis-1:6380", new RespNodeOptions { Tls = trust });
        #endregion
    }

    public static void OwnDialer(Func<CancellationToken, Task<NetworkStream>> open)
    {
        Task<NetworkStream> OpenStreamAsync(CancellationToken token) => open(token);

        #region example-Dialer.From
        Dialer dialer = Dialer.From("my-tunnel", async token => new StreamDuplexPipe(await OpenStreamAsync(token)));
        using RespNode node = new(dialer);
        #endregion
    }
}
