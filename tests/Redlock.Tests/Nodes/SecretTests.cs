using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>A password is in no text at all, however its node fails.</summary>
public class SecretTests
{
    // Every way in which it may be written, in an address, on the wire or by a server, has this in it.
    private const string Secret = "HUNTER2pass";

    // With what an address must escape around it.
    private const string Password = "%:" + Secret + "/@é";

    private static readonly RespNodeOptions _credentials = new()
    {
        User = "worker",
        Password = Password,
        ConnectTimeLimit = TimeSpan.FromSeconds(2),
    };

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

    // What each later command is answered, whatever it is.
    public static TheoryData<string, string> LaterEchoes
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (string text in new[] { Password, Secret, Uri.EscapeDataString(Password) })
            {
                // One character a byte.
                string spelling = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
                int length = spelling.Length;
                data.Add(spelling, $"-ERR unknown user {spelling} is gone\r\n");
                data.Add(spelling, $"-{spelling}\r\n");
                data.Add(spelling, $"-{spelling} denied\r\n");
                data.Add(spelling, $"-NOPERM {spelling}\r\n");
                data.Add(spelling, $"-NOSCRIPT {spelling}\r\n");
                data.Add(spelling, $"-READONLY '{spelling}'\r\n");
                data.Add(spelling, $"+{spelling}\r\n");
                data.Add(spelling, $"${length}\r\n{spelling}\r\n");
                data.Add(spelling, $"*2\r\n:1\r\n+{spelling}\r\n");
                data.Add(spelling, $"+{spelling}\n");
                data.Add(spelling, $":{spelling}\r\n");
                data.Add(spelling, $"${spelling}\r\n");
                data.Add(spelling, $">1\r\n+{spelling}\r\n");
                data.Add(spelling, $"{spelling}\r\n");
                data.Add(spelling, $"HTTP/1.1 400 Bad Request: {spelling}\r\n\r\n");
                data.Add(spelling, $"+OK\r\n-ERR {spelling}\r\n");
                data.Add(spelling, $"$99\r\n{spelling}\0");
            }

            return data;
        }
    }

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
        await using ScriptedServer server = StrangeServer.RepeatingAuth(before, after);
        await AssertNowhereAsync(RedlockFactory.Create($"redis://{UserInfo}@{server.Endpoint}"));
        await AssertNowhereAsync(RedlockFactory.Create(new RedlockOptions { Node = _credentials }, server.Endpoint));
    }

    [Theory]
    [MemberData(nameof(LaterEchoes))]
    public async Task A_server_that_repeats_it_later_is_not_quoted(string spelling, string answer)
    {
        Assert.Contains(spelling, answer, StringComparison.Ordinal);
        await using ScriptedServer server = StrangeServer.AnsweringLater(_ => answer);
        string secret = spelling == Secret ? Secret : Password;
        await AssertNotToldAsync($"redis://worker:{Uri.EscapeDataString(secret)}@{server.Endpoint}", new RespNodeOptions());
        await AssertNotToldAsync(server.Endpoint, new RespNodeOptions { User = "worker", Password = secret });
    }

    [Theory]
    [InlineData("SELECT")]
    [InlineData("CLIENT")]
    [InlineData("SCRIPT")]
    public async Task A_server_that_repeats_it_later_in_the_handshake_is_not_quoted(string command)
    {
        foreach (string answer in new[]
        {
            $"+{Secret}\r\n",
            $"$11\r\n{Secret}\r\n",
            $"*1\r\n+{Secret}\r\n",
            $"-DENIED {Secret}\r\n",
            $"-NOAUTH {Secret}\r\n",
        })
        {
            await using ScriptedServer server = StrangeServer.AnsweringHandshake(command, answer);
            await AssertNowhereAsync(RedlockFactory.Create($"redis://:{Secret}@{server.Endpoint}/3"));
        }
    }

    [Theory]
    [InlineData("-")]
    [InlineData("+")]
    public async Task A_text_that_is_cut_within_it_shows_none_of_it(string kind)
    {
        const int cutAt = 200;
        int padding = 0;
        await using ScriptedServer server = StrangeServer.AnsweringLater(
            _ => $"{kind}{new string('.', Volatile.Read(ref padding))}{Secret} behind it\r\n");
        using RedlockFactory factory = RedlockFactory.Create($"redis://:{Secret}@{server.Endpoint}");
        await Inspection.AllConnectedAsync(factory);
        RedlockMutex mutex = factory.CreateMutex("door", _options);
        for (int before = cutAt - Secret.Length - 1; before <= cutAt + 1; before++)
        {
            Volatile.Write(ref padding, before);
            Assert.Equal(LockStatus.Unavailable, (await mutex.TryLockAsync(Token).AsTask().SoonAsync()).Status);
            string error = Assert.IsType<string>(Assert.Single(mutex.LastAttemptByAnyone).Error);
            Assert.Contains("....", error, StringComparison.Ordinal);
            Assert.DoesNotContain("HU", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_password_of_digits_is_not_shown_as_a_number()
    {
        const string digits = "9021013477";
        await using ScriptedServer server = StrangeServer.AnsweringLater(_ => $":{digits}\r\n");
        using RedlockFactory factory = RedlockFactory.Create($"redis://:{digits}@{server.Endpoint}");
        await Inspection.AllConnectedAsync(factory);
        RedlockMutex mutex = factory.CreateMutex("door", _options);
        Assert.Equal(LockStatus.Unavailable, (await mutex.TryLockAsync(Token).AsTask().SoonAsync()).Status);
        Assert.EndsWith("unexpected kind (Integer): ***", Assert.Single(mutex.LastAttemptByAnyone).Error, StringComparison.Ordinal);
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
        await using ScriptedServer plain = StrangeServer.Saying("-ERR Protocol error\r\n");
        await AssertNowhereAsync(RedlockFactory.Create($"rediss://{UserInfo}@{plain.Endpoint}"));
        await using ScriptedServer silent = StrangeServer.Silent();
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
                server = await TempRedis.StartAsync(
                    new TempRedisOptions { TlsCertificatePath = certificatePath, TlsKeyPath = keyPath }, Token);
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
        await Eventually.Holds(() => node.LastError is not null, "the node has failed");
        RedlockMutex mutex = factory.CreateMutex("door", _options);
        StringBuilder texts = new();
        texts.AppendJoin(
            '\n',
            factory,
            node,
            node.Name,
            node.LastError,
            mutex,
            mutex.Name,
            mutex.Options,
            _credentials,
            new RedlockOptions { Node = _credentials });
        foreach (RequestFailure failure in Enum.GetValues<RequestFailure>())
        {
            texts.AppendLine(node.Describe(failure));
        }

        texts.Append((await mutex.TryLockAsync(Token).AsTask().SoonAsync()).ToString()).AppendJoin('\n', mutex.LastAttemptByAnyone);
        LockFailedException refused = await Assert.ThrowsAsync<LockFailedException>(() => mutex.LockAsync(Token).AsTask().SoonAsync());
        texts.Append(refused).AppendJoin('\n', refused.Nodes).AppendJoin('\n', refused.Data.Values);
        LockToken stranger = new([1, .. new byte[LockToken.OwnerIdBytes - 1]]);
        texts.Append(await mutex.UnlockAsync(stranger, Token).AsTask().SoonAsync()).AppendJoin('\n', mutex.LastAttemptByAnyone);
        texts.Append((await mutex.ExtendAsync(stranger, Token).AsTask().SoonAsync()).ToString()).AppendJoin(
            '\n', mutex.LastAttemptByAnyone);
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

    private static async Task AssertNotToldAsync(string endpoint, RespNodeOptions options)
    {
        using ActivitySource tests = new($"test-{Guid.NewGuid()}");
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == "Redlock.Fast" || source.Name == tests.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ConcurrentQueue<string?> told = [];
        listener.ActivityStopped = activity => told.Enqueue(
            string.Join(' ', activity.DisplayName, activity.StatusDescription, string.Join(' ', activity.TagObjects)));
        ActivitySource.AddActivityListener(listener);
        using MeasurementLog nodes = new("Redlock.Fast.Resp", onlyTagged: RedisEndpoint.Parse(endpoint).ToString());
        using RedlockFactory factory = RedlockFactory.Create(
            new RedlockOptions { Node = options with { MaxReconnectDelay = TimeSpan.FromMilliseconds(20) } }, endpoint);
        factory.LockLost += (_, lost) => told.Enqueue($"{lost.Name} {lost.Reason} {lost}");
        factory.ReleaseUnknown += (_, unknown) => told.Enqueue($"{unknown.Name} {string.Join(' ', unknown.Nodes)} {unknown}");
        RespNode node = factory.Node(0);
        node.StateChanged += (_, state) => told.Enqueue($"{state} {node.LastError}");
        await Inspection.AllConnectedAsync(factory);
        RedlockMutex mutex = factory.CreateMutex("door", _options);
        StringBuilder texts = new();
        LockResult result = await mutex.TryLockAsync(Token).AsTask().SoonAsync();
        texts.Append(result.ToString()).AppendJoin('\n', mutex.LastAttemptByAnyone);
        if (!result.IsAcquired)
        {
            LockFailedException refused = await Assert.ThrowsAsync<LockFailedException>(() => mutex.LockAsync(Token).AsTask().SoonAsync());
            texts.Append(refused).AppendJoin('\n', refused.Nodes).AppendJoin('\n', refused.Data.Values);
        }

        LockToken stranger = new LockToken([1, .. new byte[LockToken.OwnerIdBytes - 1]]).Until(long.MaxValue);
        texts.Append(await mutex.UnlockAsync(stranger, Token).AsTask().SoonAsync()).AppendJoin('\n', mutex.LastAttemptByAnyone);
        texts.Append((await mutex.ExtendAsync(stranger, Token).AsTask().SoonAsync()).ToString()).AppendJoin(
            '\n', mutex.LastAttemptByAnyone);
        texts.Append(mutex.Unlock(stranger, Token)).AppendJoin('\n', mutex.LastAttemptByAnyone).Append(node).Append(node.LastError);
        foreach (RequestFailure failure in Enum.GetValues<RequestFailure>())
        {
            texts.AppendLine(node.Describe(failure));
        }

        factory.Dispose();
        nodes.Observe();
        foreach (string instrument in new[]
        {
            "resp.requests.failed",
            "resp.reconnects",
            "resp.round_trip.duration",
            "resp.requests.pending",
        })
        {
            texts.AppendJoin('\n', nodes.Of(instrument));
        }

        texts.AppendJoin('\n', told);
        Assert.Contains("door", texts.ToString(), StringComparison.Ordinal);
        AssertNowhere(texts);
    }

    private static void AssertNowhere(StringBuilder texts) =>
        Assert.DoesNotContain(Secret, texts.ToString(), StringComparison.OrdinalIgnoreCase);
}
