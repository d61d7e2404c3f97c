using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Resp.Tests;

// What a node's last error says to whoever set up the wrong end of a connection.
public sealed class DialTextTests : IDisposable
{
    private const string Host = "redis.test";

    // Long enough for an end that answers, and the whole of what a test waits for one that does not.
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(2);

    private readonly TestCertificates _certificates = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("redlock-dial-");

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _certificates.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_that_wants_another_client_certificate_is_said_to_want_one(bool showsOne)
    {
        using CertificateFiles files = new(_certificates.Server(Host));
        string authority = Path.Combine(_folder.FullName, "authority.pem");
        await File.WriteAllTextAsync(authority, _certificates.Authority.ExportCertificatePem(), TestContext.Current.CancellationToken);
        using TempRedis redis = await ServerUnderTest.RedisAsync(
            null,
            new TempRedisOptions { TlsCertificatePath = files.CertificatePath, TlsKeyPath = files.KeyPath, TlsAuthorityPath = authority });
        using TestCertificates strangers = new("Strangers");
        X509Certificate2? shown = showsOne ? strangers.Client("worker7") : null;
        string text = await LastErrorAsync(new TlsDialer("127.0.0.1", redis.TlsPort, Trusting() with { ClientCertificate = shown }));
        Assert.Contains("client certificate", text, StringComparison.Ordinal);
        Assert.Contains(showsOne ? "that is shown" : "TlsDialerOptions.ClientCertificate", text, StringComparison.Ordinal);
        Assert.DoesNotContain("see inner exception", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plain_port_is_said_not_to_answer_tls()
    {
        using TcpListener silent = Listen(out int port);
        string text = await LastErrorAsync(new TlsDialer("127.0.0.1", port, Trusting()), limit: SilenceLimit);
        Assert.Contains("a plain Redis port waits in silence like this", text, StringComparison.Ordinal);
        Assert.Contains("did not complete a connection within 2 s", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_real_plain_port_is_named_either_way()
    {
        using TempRedis redis = await ServerUnderTest.RedisAsync(null);

        // A line break by chance in the first message makes Redis answer; else it waits for one.
        string text = await LastErrorAsync(new TlsDialer("127.0.0.1", redis.Port, Trusting()), limit: SilenceLimit);
        Assert.Contains("heck that this port speaks TLS", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handshake_that_stops_halfway_is_said_to_have_begun()
    {
        using TcpListener listener = Listen(out int port);
        Task<string> text = LastErrorAsync(new TlsDialer("127.0.0.1", port, Trusting()), limit: SilenceLimit);
        using Socket accepted = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        accepted.Send([22, 3, 3]);
        Assert.Contains("handshake was begun and not finished", await text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tls_port_is_named_to_whoever_speaks_plain()
    {
        using CertificateFiles files = new(_certificates.Server(Host));
        using TempRedis redis = await ServerUnderTest.RedisAsync(
            null, new TempRedisOptions { TlsCertificatePath = files.CertificatePath, TlsKeyPath = files.KeyPath });
        Assert.Contains("use rediss://", await LastErrorAsync(new TcpDialer("127.0.0.1", redis.TlsPort)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tls_alert_is_named_whatever_the_password()
    {
        await using ScriptedServer server = new(ScriptedTransport.Tcp, async peer =>
        {
            await peer.WriteAsync([21, 3, 3, 0, 2, 2, 70]);
            await peer.DrainAsync();
        });
        Assert.Contains("This port speaks TLS", await LastErrorAsync(server.Dialer, "s3cret-of-the-node"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_where_nothing_listens_is_said_so()
    {
        Listen(out int free).Dispose();
        Assert.Contains("nothing listens on this port", await LastErrorAsync(new TcpDialer("127.0.0.1", free)), StringComparison.Ordinal);
        Assert.Contains("nothing listens on this port", await LastErrorAsync(new TlsDialer("127.0.0.1", free)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_socket_file_is_said_to_be_missing() =>
        Assert.Contains("there is no such file", await LastErrorAsync(new UnixDialer(In("none.sock"))), StringComparison.Ordinal);

    [Fact]
    public async Task A_folder_is_said_to_be_one() =>
        Assert.Contains("it is a folder", await LastErrorAsync(new UnixDialer(_folder.FullName)), StringComparison.Ordinal);

    [Fact]
    public async Task A_file_that_is_no_socket_is_said_so()
    {
        await File.WriteAllTextAsync(In("plain"), "", TestContext.Current.CancellationToken);
        Assert.Contains("or it is no socket", await LastErrorAsync(new UnixDialer(In("plain"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_file_that_was_left_behind_is_said_to_be()
    {
        using (Socket server = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // Listening through a link keeps the file: its own path is removed at the end.
            server.Bind(new UnixDomainSocketEndPoint(In("bound")));
            File.Move(In("bound"), In("left"));
        }

        Assert.Contains("has left it behind", await LastErrorAsync(new UnixDialer(In("left"))), StringComparison.Ordinal);
    }

    // Told by its error alone: whoever may do anything, as tests often may, may open any file.
    [Fact]
    public void A_socket_file_that_may_not_be_opened_is_said_so() => Assert.Contains(
        "may not write", new UnixConnect(In("closed"), "unix:closed").Explain(new SocketException((int)SocketError.AccessDenied)),
        StringComparison.Ordinal);

    private static TcpListener Listen(out int port)
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        port = ((IPEndPoint)listener.LocalEndpoint).Port;
        return listener;
    }

    private static async Task<string> LastErrorAsync(Dialer dialer, string? password = null, TimeSpan? limit = null)
    {
        using RespNode node = new(dialer, new RespNodeOptions { ConnectTimeLimit = limit ?? Eventually.Patience, Password = password });
        await Eventually.Holds(() => node.LastError is not null, "an error");
        string text = node.LastError!;
        Assert.StartsWith($"{dialer.Address}: ", text, StringComparison.Ordinal);
        return text;
    }

    private string In(string name) => Path.Combine(_folder.FullName, name);

    private TlsDialerOptions Trusting() => new() { TargetHost = Host, CertificateAuthorities = [_certificates.Authority] };
}
