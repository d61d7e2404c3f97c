using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;
using Redlock.Fast.Tests.Testing;

namespace Redlock.Fast.Tests;

/// <summary>A password is in no text at all, however its node fails.</summary>
public class SecretTests
{
    // Every way in which it may be written, in an address, on the wire or by a server, has this in it.
    private const string Secret = "HUNTER2pass";

    // With what an address must escape around it.
    private const string Password = "%:" + Secret + "/@é";

    private static readonly RespNodeOptions _credentials = new() { User = "worker", Password = Password, ConnectTimeLimit = TimeSpan.FromSeconds(2) };

    private static readonly MutexOptions _options = MutexOptions.Blocking with
    {
        Expiry = TimeSpan.FromSeconds(20),
        NodeTimeLimit = TimeSpan.FromSeconds(5),
        Tries = 2,
        Delay = TimeSpan.FromMilliseconds(10),
    };

    public static TheoryData<string, string> Echoes => new()
    {
        { "-ERR unknown command 'AUTH', with args beginning with: ", "\r\n" },
        { "-WRONGPASS ", "\r\n" },
        { "-NOAUTH ", "\r\n" },
        { "-DENIED ", "\r\n" },
        { "-LOADING ", "\r\n" },
        { "-", "\r\n" },
        { "$5\r\n", "\r\n" },
        { "-ERR ", "\n" },
        { "-ERR ", "\r\r\n" },
        { "-ERR ", "" },
        { "-ERR ", "\0" },
        { "*1\r\n", "\r\n" },
        { ">1\r\n+", "\r\n" },
        { "+OK ", "\n" },
        { ":1", "\r\n" },
        { "+OK\r\n+OK\r\n-ERR ", "\r\n" },
        { "", "\r\n" },
        { "HTTP/1.1 400 Bad Request: ", "\r\n" },
    };

    public static TheoryData<string> WrongAddresses { get; } =
    [
        $"redis://worker:{Secret}@host:0",
        $"redis://worker:{Secret}@host:port",
        $"redis://worker:{Secret}@",
        $"redis://worker:{Secret}@host/database",
        $"redis://worker:{Secret}@host?a=b",
        $"redis://worker:{Secret}/@host",
        $"redis://worker:{Secret}%zz@host",
        $"redis://worker:{Secret}@@host",
        $"redis://worker:{Secret}@ho st",
        $"redis://worker:{Secret}",
        $"redis://{Secret}@host",
        $"rediss://worker:{Secret}@[::1",
        $"worker:{Secret}@host:6379",
        $"unix://worker:{Secret}@/run/redis.sock",
        $"{Secret}://host",
        $"host:{Secret}",
        $"host/{Secret}",
        $"host:6379/{Secret}",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string UserInfo => $"worker:{Uri.EscapeDataString(Password)}";

    [Theory]
    [MemberData(nameof(Echoes))]
    public async Task A_server_that_repeats_it_is_not_quoted(string before, string after)
    {
        using FakeServer server = FakeServer.RepeatingAuth(before, after);
        await AssertNowhereAsync(RedlockFactory.Create($"redis://{UserInfo}@{server.Endpoint}"));
        await AssertNowhereAsync(RedlockFactory.Create(new RedlockOptions { Node = _credentials }, server.Endpoint));
    }

    [Fact]
    public async Task A_wrong_password_or_user_is_not_shown()
    {
        using OwnServers server = await OwnServers.StartAsync(1, new TempRedisOptions { Password = "another" });
        await AssertNowhereAsync(RedlockFactory.Create($"redis://{UserInfo}@{server[0].Endpoint}"));
        await AssertNowhereAsync(RedlockFactory.Create($"redis://:{Uri.EscapeDataString(Password)}@{server[0].Endpoint}"));
        await AssertNowhereAsync(RedlockFactory.Create(new RedlockOptions { Node = _credentials }, server[0].UnixEndpoint));
    }

    [Fact]
    public async Task A_right_password_is_not_shown_either()
    {
        const string simple = Secret;
        using OwnServers server = await OwnServers.StartAsync(1, new TempRedisOptions { Password = simple });
        RedlockFactory factory = RedlockFactory.Create($"redis://:{simple}@{server[0].Endpoint}");
        await Inspection.AllConnectedAsync(factory);
        server[0].Kill();
        await AssertNowhereAsync(factory);
    }

    [Fact]
    public async Task Nobody_there_is_told_without_it()
    {
        using TcpListener gone = new(System.Net.IPAddress.Loopback, 0);
        gone.Start();
        string endpoint = gone.LocalEndpoint.ToString()!;
        gone.Stop();
        await AssertNowhereAsync(RedlockFactory.Create($"redis://{UserInfo}@{endpoint}"));
        await AssertNowhereAsync(RedlockFactory.Create($"rediss://{UserInfo}@{endpoint}"));
        await AssertNowhereAsync(RedlockFactory.Create($"redis://{UserInfo}@nobody.invalid:1"));
        await AssertNowhereAsync(RedlockFactory.Create(new RedlockOptions { Node = _credentials }, "unix:/nowhere/redis.sock"));
    }

    [Fact]
    public async Task A_server_without_TLS_is_told_without_it()
    {
        using FakeServer plain = FakeServer.Saying("-ERR Protocol error\r\n");
        await AssertNowhereAsync(RedlockFactory.Create($"rediss://{UserInfo}@{plain.Endpoint}"));
        using FakeServer silent = FakeServer.Silent();
        await AssertNowhereAsync(RedlockFactory.Create(new RedlockOptions { Node = _credentials }, $"rediss://{silent.Endpoint}"));
    }

    [Fact]
    public async Task A_certificate_of_strangers_is_told_without_it()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("redlock-secret-");
        try
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            CertificateRequest request = new("CN=stranger", key, HashAlgorithmName.SHA256);
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
            string certificatePath = Path.Combine(folder.FullName, "server.crt");
            string keyPath = Path.Combine(folder.FullName, "server.key");
            await File.WriteAllTextAsync(certificatePath, certificate.ExportCertificatePem(), Token);
            await File.WriteAllTextAsync(keyPath, key.ExportPkcs8PrivateKeyPem(), Token);
            InstalledRedis.Require();
            TempRedis server;
            try
            {
                server = await TempRedis.StartAsync(new TempRedisOptions { TlsCertificatePath = certificatePath, TlsKeyPath = keyPath }, Token);
            }
            catch (InvalidOperationException failure) when (failure.Message.Contains("tls-port", StringComparison.Ordinal))
            {
                Assert.Skip("This redis-server was built without TLS.");
                return;
            }

            using (server)
            {
                await AssertNowhereAsync(RedlockFactory.Create($"rediss://{UserInfo}@127.0.0.1:{server.TlsPort}"));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(WrongAddresses))]
    public void A_wrong_address_is_not_repeated(string address)
    {
        StringBuilder texts = new();
        texts.Append(Assert.Throws<FormatException>(() => RedisEndpoint.Parse(address)));
        texts.Append(Assert.Throws<FormatException>(() => RespNode.Connect(address)));
        texts.Append(Assert.Throws<FormatException>(() => RedlockFactory.Create(address)));
        texts.Append(Assert.Throws<FormatException>(() => RedlockFactory.Create("127.0.0.1:1", address)));
        Assert.False(RedisEndpoint.TryParse(address, out _, out string? problem));
        AssertNowhere(texts.Append(problem));
    }

    [Fact]
    public void An_address_given_twice_is_named_without_it()
    {
        string address = $"redis://{UserInfo}@127.0.0.1:1/3";
        StringBuilder texts = new();
        texts.Append(Assert.Throws<ArgumentException>(() => RedlockFactory.Create(address, address)));

        // The same place with other credentials is found out by the name of the node.
        texts.Append(Assert.Throws<ArgumentException>(() => RedlockFactory.Create(address, $"redis://{UserInfo}x@127.0.0.1:1/3")));
        RedisEndpoint endpoint = RedisEndpoint.Parse(address);
        texts.Append(endpoint).Append($"{endpoint}");
        AssertNowhere(texts);
    }

    private static async Task AssertNowhereAsync(RedlockFactory made)
    {
        using RedlockFactory factory = made;
        RespNode node = factory.Node(0);
        await Inspection.UntilAsync("the node has failed", () => node.LastError is not null);
        RedlockMutex mutex = factory.CreateMutex("door", _options);
        StringBuilder texts = new();
        texts.AppendJoin('\n', factory, node, node.Name, node.LastError, mutex, mutex.Name, mutex.Options, _credentials, new RedlockOptions { Node = _credentials });
        foreach (RequestFailure failure in Enum.GetValues<RequestFailure>())
        {
            texts.AppendLine(node.Describe(failure));
        }

        texts.Append((await mutex.TryLockAsync(Token).AsTask().SoonAsync()).ToString()).AppendJoin('\n', mutex.LastAttempt);
        LockFailedException refused = await Assert.ThrowsAsync<LockFailedException>(() => mutex.LockAsync(Token).AsTask().SoonAsync());
        texts.Append(refused).AppendJoin('\n', refused.Nodes).AppendJoin('\n', refused.Data.Values);
        LockToken stranger = new([1, .. new byte[LockToken.OwnerIdBytes - 1]], 0);
        texts.Append(await mutex.UnlockAsync(stranger, Token).AsTask().SoonAsync()).AppendJoin('\n', mutex.LastAttempt);
        texts.Append((await mutex.ExtendAsync(stranger, Token).AsTask().SoonAsync()).ToString()).AppendJoin('\n', mutex.LastAttempt);
        texts.Append(await Assert.ThrowsAnyAsync<Exception>(() => node.SendAsync("PING").SoonAsync()));
        texts.Append(await Assert.ThrowsAnyAsync<Exception>(() => node.SendAsync("AUTH", "worker", Password).SoonAsync()));
        using CancellationTokenSource over = new();
        await over.CancelAsync();
        texts.Append(await Assert.ThrowsAnyAsync<OperationCanceledException>(() => factory.WaitUntilConnectedAsync(over.Token)));
        texts.Append(node.LastError);
        factory.Dispose();
        texts.Append(Assert.Throws<ObjectDisposedException>(() => mutex.TryLock(Token))).Append(node).Append(node.LastError);
        Assert.Contains("door", texts.ToString(), StringComparison.Ordinal);
        AssertNowhere(texts);
    }

    private static void AssertNowhere(StringBuilder texts) => Assert.DoesNotContain(Secret, texts.ToString(), StringComparison.OrdinalIgnoreCase);
}
