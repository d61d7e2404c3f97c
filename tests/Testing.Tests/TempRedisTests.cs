using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

public sealed class TempRedisTests
{
    private const string ReportVariable = "REDLOCK_TEMP_REDIS_REPORT";

    public TempRedisTests() => InstalledRedis.Require();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string FolderOf(TempRedis redis) => Path.GetDirectoryName(redis.UnixEndpoint["unix:".Length..])!;

    private static bool IsAlive(int processId)
    {
        try
        {
            using Process process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    [Fact]
    public async Task It_answers_on_both_addresses_and_leaves_nothing_behind()
    {
        TempRedis redis = await TempRedis.StartAsync(cancellationToken: Cancellation);
        int process = redis.ProcessId;
        string folder = FolderOf(redis);
        using (RawClient tcp = RawClient.To(redis.Endpoint))
        using (RawClient unix = RawClient.To(redis.UnixEndpoint))
        {
            await tcp.ExpectAsync("SET key value", "+OK\r\n");
            await unix.ExpectAsync("GET key", "$5\r\nvalue\r\n");
        }

        Assert.True(IsAlive(process));
        await redis.DisposeAsync();
        Assert.False(IsAlive(process));
        Assert.False(Directory.Exists(folder));
        Assert.Throws<SocketException>(() => RawClient.To(redis.Endpoint));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => redis.RestartAsync(NodeData.Keep, Cancellation));
        redis.Dispose();
    }

    [Fact]
    public async Task Paused_it_keeps_what_it_is_sent_and_answers_when_resumed()
    {
        await using TempRedis redis = await TempRedis.StartAsync(cancellationToken: Cancellation);
        using RawClient client = RawClient.To(redis.Endpoint);
        await client.ExpectAsync("PING", "+PONG\r\n");
        redis.Pause();
        await client.SendAsync("SET key value");
        Assert.Contains(
            "T (stopped)", await File.ReadAllTextAsync($"/proc/{redis.ProcessId}/status", Cancellation), StringComparison.Ordinal);
        client.ExpectNothing();
        redis.Resume();
        Assert.Equal("+OK\r\n", await client.ReadReplyAsync());
        redis.Pause();
    }

    [Fact]
    public async Task Killed_it_is_gone_and_comes_back_empty_on_the_same_address()
    {
        await using TempRedis redis = await TempRedis.StartAsync(cancellationToken: Cancellation);
        (string? endpoint, string? unixEndpoint, int process) = (redis.Endpoint, redis.UnixEndpoint, redis.ProcessId);
        using RawClient client = RawClient.To(endpoint);
        await client.ExpectAsync("SET key value", "+OK\r\n");
        redis.Kill();
        Assert.False(IsAlive(process));
        Assert.Equal(0, redis.ProcessId);
        Assert.True(await client.IsClosedAsync());
        Assert.Throws<SocketException>(() => RawClient.To(endpoint));
        Assert.Throws<InvalidOperationException>(redis.Pause);

        await redis.RestartAsync(NodeData.Keep, Cancellation);
        Assert.Equal((endpoint, unixEndpoint), (redis.Endpoint, redis.UnixEndpoint));
        using RawClient again = RawClient.To(unixEndpoint);
        await again.ExpectAsync("EXISTS key", ":0\r\n");
    }

    [Theory]
    [InlineData(NodeData.Keep, ":1\r\n")]
    [InlineData(NodeData.Lose, ":0\r\n")]
    public async Task A_restart_keeps_or_loses_its_data_even_from_a_pause(NodeData data, string keys)
    {
        await using TempRedis redis = await TempRedis.StartAsync(new TempRedisOptions { Password = "pw\"\\" }, Cancellation);
        using (RawClient client = RawClient.To(redis.Endpoint))
        {
            await client.ExpectAsync("AUTH pw\"\\", "+OK\r\n");
            await client.ExpectAsync("SET key value", "+OK\r\n");
        }

        redis.Pause();
        await redis.RestartAsync(data, Cancellation);
        using RawClient again = RawClient.To(redis.Endpoint);
        await again.ExpectAsync("PING", "-NOAUTH Authentication required.\r\n");
        await again.ExpectAsync("AUTH pw\"\\", "+OK\r\n");
        await again.ExpectAsync("EXISTS key", keys);
    }

    [Fact]
    public async Task A_user_of_the_configuration_can_log_in()
    {
        TempRedisOptions options = new TempRedisOptions
        {
            User = "worker",
            Password = "secret",
            Configuration = ["user worker on >secret ~* +@all", "user default off"],
        };
        await using TempRedis redis = await TempRedis.StartAsync(options, Cancellation);
        using RawClient client = RawClient.To(redis.Endpoint);
        await client.ExpectAsync("PING", "-NOAUTH Authentication required.\r\n");
        await client.ExpectAsync("AUTH worker secret", "+OK\r\n");
    }

    [Fact]
    public async Task A_wrong_password_is_told_without_showing_it()
    {
        TempRedisOptions options = new TempRedisOptions { User = "worker", Password = "secret-of-mine" };
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => TempRedis.StartAsync(options, Cancellation));
        Assert.Contains("-WRONGPASS", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-mine", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_configuration_is_told_with_the_servers_own_words()
    {
        TempRedisOptions options = new TempRedisOptions { Configuration = ["no-such-setting yes"] };
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => TempRedis.StartAsync(options, Cancellation));
        Assert.Contains("no-such-setting", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_speaks_tls_on_a_port_of_its_own()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("redlock-tls-");
        try
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            CertificateRequest request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
            SubjectAlternativeNameBuilder names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            request.CertificateExtensions.Add(names.Build());
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
            (string? certificatePath, string? keyPath) = (
                Path.Combine(folder.FullName, "server.crt"),
                Path.Combine(folder.FullName, "server.key"));
            await File.WriteAllTextAsync(certificatePath, certificate.ExportCertificatePem(), Cancellation);
            await File.WriteAllTextAsync(keyPath, key.ExportPkcs8PrivateKeyPem(), Cancellation);

            await using TempRedis redis = await StartWithTlsAsync(
                new TempRedisOptions { TlsCertificatePath = certificatePath, TlsKeyPath = keyPath });
            TlsDialerOptions trusted = new TlsDialerOptions { CertificateAuthorities = [certificate] };
            await using RespNode node = new RespNode(new TlsDialer("localhost", redis.TlsPort, trusted));
            await node.WaitUntilConnectedAsync(Cancellation);
            Assert.Equal("PONG", (await node.SendAsync("PING")).AsString());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Half_of_a_certificate_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(
            () => TempRedis.StartAsync(new TempRedisOptions { TlsKeyPath = "server.key" }, Cancellation));

    [Theory]
    [InlineData("unixsocket /tmp/elsewhere.sock", "unixsocket")]
    [InlineData("unixsocket \"\"", "unixsocket")]
    [InlineData("  UnixSocket\t/tmp/elsewhere.sock", "unixsocket")]
    [InlineData("\"port\" 0", "port")]
    [InlineData("tls-port 0", "tls-port")]
    [InlineData("daemonize yes", "daemonize")]
    public async Task What_the_instance_relies_on_is_refused_at_once(string line, string setting)
    {
        TempRedisOptions options = new TempRedisOptions { Configuration = ["maxmemory 1mb", line] };
        ArgumentException failure = await Assert.ThrowsAsync<ArgumentException>(() => TempRedis.StartAsync(options, Cancellation));
        Assert.Contains($"'{setting}'", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<TempRedis> StartWithTlsAsync(TempRedisOptions options)
    {
        try
        {
            return await TempRedis.StartAsync(options, Cancellation);
        }
        catch (InvalidOperationException failure) when (failure.Message.Contains("tls-port", StringComparison.Ordinal))
        {
            Assert.Skip("This redis-server was built without TLS.");
            throw;
        }
    }

    [Fact]
    public async Task When_its_process_is_killed_the_server_and_the_folder_go_too()
    {
        string report = Path.Combine(Directory.CreateTempSubdirectory("redlock-report-").FullName, "report");
        ProcessStartInfo start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Redlock.Fast.Testing.Tests"))
        {
            RedirectStandardOutput = true,
            ArgumentList =
            {
                "-explicit",
                "only",
                "-method",
                $"{typeof(TempRedisTests).FullName}.{nameof(Child_that_leaves_its_server_behind)}",
            },
            Environment = { [ReportVariable] = report },
        };
        using Process child = Process.Start(start)!;
        try
        {
            await Eventually.Holds(() => child.HasExited || File.Exists(report));
            Assert.True(File.Exists(report), child.HasExited ? await child.StandardOutput.ReadToEndAsync(Cancellation) : string.Empty);
        }
        finally
        {
            child.Kill();
        }

        string[] lines = await File.ReadAllLinesAsync(report, Cancellation);
        int server = int.Parse(lines[0], CultureInfo.InvariantCulture);
        await Eventually.Holds(() => !IsAlive(server) && !Directory.Exists(lines[1]));
        Directory.Delete(Path.GetDirectoryName(report)!, recursive: true);
    }

    [Fact]
    public async Task Without_an_installed_server_it_says_what_to_install()
    {
        ProcessStartInfo start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Redlock.Fast.Testing.Tests"))
        {
            RedirectStandardOutput = true,
            ArgumentList =
            {
                "-explicit",
                "only",
                "-method",
                $"{typeof(NoServerTests).FullName}.{nameof(NoServerTests.Child_without_a_server)}",
            },
            Environment = { ["PATH"] = "/nonexistent", ["DOTNET_ROOT"] = DotnetRoot },
        };
        using Process child = Process.Start(start)!;
        string output = await child.StandardOutput.ReadToEndAsync(Cancellation);
        await child.WaitForExitAsync(Cancellation);
        Assert.True(child.ExitCode == 0, output);
    }

    private static string DotnetRoot =>
        Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    [Fact(Explicit = true)]
    public async Task Child_that_leaves_its_server_behind()
    {
        TempRedis redis = await TempRedis.StartAsync(cancellationToken: Cancellation);
        string report = Environment.GetEnvironmentVariable(ReportVariable)!;
        await File.WriteAllLinesAsync(
            report + ".part", [redis.ProcessId.ToString(CultureInfo.InvariantCulture), FolderOf(redis)], Cancellation);
        File.Move(report + ".part", report);
        await Task.Delay(Timeout.InfiniteTimeSpan, Cancellation);
    }
}

/// <summary>Run in a process whose PATH is empty.</summary>
public sealed class NoServerTests
{
    [Fact(Explicit = true)]
    public async Task Child_without_a_server()
    {
        Assert.False(TempRedis.IsAvailable(out string? reason));
        Assert.Contains("apt-get install redis-server", reason, StringComparison.Ordinal);
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => TempRedis.StartAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(reason, failure.Message);
    }
}
